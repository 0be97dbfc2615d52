internal import CContainerShim
internal import Dispatch
internal import Glibc
internal import JSON
internal import Synchronization

/// The socket to a container's shim, and the shim's process.
///
/// All connections are served by one Dispatch queue: a container costs two descriptors and no thread. A connection keeps
/// itself until its shim has ended.
final class ShimConnection: Sendable {
    typealias Started = (process: Int32, at: Timestamp)

    private struct State {
        var socket: Int32 = -1
        var received: [UInt8] = []
        var marker = ""
        var startWaiter: CheckedContinuation<Result<Started, ContainerStartError>, Never>?
        var started: Started?
        var cause: ContainerExit.Cause?
        var exit: ContainerExit?
        var exitWaiters: [CheckedContinuation<ContainerExit, Never>] = []
    }

    private static let queue = DispatchQueue(label: "ingot.containers", qos: .userInitiated)

    private let state = Mutex(State())
    private let specification: ContainerSpecification

    init(_ specification: ContainerSpecification) {
        self.specification = specification
    }

    /// Starts the shim, and by it the container.
    func start(shim: String) async -> Result<Started, ContainerStartError> {
        guard let request = ShimRequest(specification) else {
            let subject = specification.command.first ?? ""
            return .failure(ContainerStartError(stage: .exec, code: EINVAL, subject: subject))
        }
        return await withCheckedContinuation { continuation in
            state.withLock { state in
                state.startWaiter = continuation
                state.marker = request.marker
            }
            Self.queue.async { self.spawn(shim, request.bytes) }
        }
    }

    /// Asks the shim to end the container.
    func stop(graceMilliseconds: Int64) {
        let line = Array("stop \(graceMilliseconds)\n".utf8)
        state.withLock { state in
            guard state.socket >= 0 else { return }
            // A few bytes fit into the socket's buffer unless the shim has hung, and then nothing can be said to it.
            _ = send(state.socket, line, line.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Waits for the container's end.
    func waitForExit() async -> ContainerExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state -> ContainerExit? in
                if state.exit == nil { state.exitWaiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    private func spawn(_ shim: String, _ request: [UInt8]) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
            return fail(.shim, code: errno, subject: shim)
        }
        let (socket, theirs) = (pair[0], pair[1])
        // The shim may wait for what Ingot sends; it is Ingot that must not.
        _ = fcntl(theirs, F_SETFL, 0)
        let process = ingot_spawn_container_shim(shim, theirs, request, request.count)
        close(theirs)
        guard process > 0 else {
            close(socket)
            return fail(.shim, code: -process, subject: shim)
        }
        let end = ingot_process_descriptor(process)
        guard end >= 0 else {
            let code = errno
            close(socket)
            // The shim ends at once, since its socket is closed.
            waitpid(process, nil, 0)
            return fail(.shim, code: code, subject: shim)
        }
        state.withLock { $0.socket = socket }
        watch(socket)
        awaitEnd(of: process, descriptor: end)
    }

    private func watch(_ socket: Int32) {
        let source = DispatchSource.makeReadSource(fileDescriptor: socket, queue: Self.queue)
        source.setEventHandler {
            if !self.receive(from: socket) { source.cancel() }
        }
        source.setCancelHandler {
            self.state.withLock { $0.socket = -1 }
            close(socket)
        }
        source.activate()
    }

    private func awaitEnd(of process: Int32, descriptor: Int32) {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setEventHandler {
            guard waitpid(process, nil, WNOHANG) != 0 else { return }
            source.cancel()
            self.end()
        }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    /// Takes what the shim has sent. False at the end.
    private func receive(from socket: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
            let count = recv(socket, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
            let lines = state.withLock { state -> [Substring] in
                state.received.append(contentsOf: buffer[..<count])
                guard let last = state.received.lastIndex(of: 0x0A) else { return [] }
                defer { state.received.removeSubrange(...last) }
                return String(decoding: state.received[..<last], as: UTF8.self).split(separator: "\n")
            }
            for line in lines { ShimReport(line: line).map(take) }
            return true
        }
    }

    private func take(_ report: ShimReport) {
        switch report {
        case .started(let process):
            let started = (process, Timestamp.now())
            let waiter = state.withLock { state in
                state.started = started
                return state.startWaiter.take()
            }
            waiter?.resume(returning: .success(started))
        case .failed(let stage, let code):
            let subject =
                switch stage {
                case .log: specification.logPath
                case .directory: specification.workingDirectory ?? ""
                default: specification.command.first ?? ""
                }
            fail(stage, code: code, subject: subject)
        case .exited(let cause):
            state.withLock { $0.cause = cause }
        }
    }

    private func fail(_ stage: ContainerStartError.Stage, code: Int32, subject: String) {
        let waiter = state.withLock { $0.startWaiter.take() }
        waiter?.resume(returning: .failure(ContainerStartError(stage: stage, code: code, subject: subject)))
    }

    /// The shim has ended, and with it all that it had to say is in the socket.
    private func end() {
        let socket = state.withLock { $0.socket }
        while socket >= 0, receive(from: socket), state.withLock({ $0.cause }) == nil {}
        fail(.shim, code: ECHILD, subject: "")
        let (isStarted, cause, marker) = state.withLock { ($0.started != nil, $0.cause, $0.marker) }
        if isStarted, cause == nil {
            // The shim was killed. The kernel takes its child along, but nobody else.
            Task {
                _ = await Leftovers.kill(marker: marker)
                finish()
            }
        } else {
            finish()
        }
    }

    private func finish() {
        let (exit, waiters) = state.withLock { state in
            let finishedAt = Timestamp.now()
            let exit = ContainerExit(
                cause: state.cause ?? .unwatched,
                startedAt: state.started?.at ?? finishedAt,
                finishedAt: finishedAt
            )
            state.exit = exit
            defer { state.exitWaiters = [] }
            return (exit, state.exitWaiters)
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}
