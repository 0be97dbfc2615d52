internal import Dispatch
internal import Glibc
internal import Synchronization

/// A TCP connection that is made only to see whether it can be.
struct SocketProbe: Sendable {
    let host: String
    let port: UInt16

    private static let queue = DispatchQueue(label: "ingot.socket-probes", qos: .utility)

    func connect(timeout: Duration) async -> ProbeOutcome {
        await withCheckedContinuation { continuation in
            // A name may take long to resolve.
            DispatchQueue.global(qos: .utility).async {
                switch open() {
                case .success(let socket): Self.await(socket, address, timeout, continuation)
                case .failure(let failure): continuation.resume(returning: .failure(failure.message))
                }
            }
        }
    }

    private struct Failure: Error {
        let message: String
    }

    private var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// A socket that is being connected.
    private func open() -> Result<Int32, Failure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        defer { if list != nil { freeaddrinfo(list) } }
        guard code == 0, let first = list?.pointee else {
            return .failure(
                Failure(message: "dial tcp: lookup \(host): \(String(cString: gai_strerror(code)))")
            )
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(first.ai_family, type, 0)
        guard socket >= 0 else { return .failure(Failure(message: Self.message(errno, address))) }
        if Glibc.connect(socket, first.ai_addr, first.ai_addrlen) != 0, errno != EINPROGRESS {
            let code = errno
            close(socket)
            return .failure(Failure(message: Self.message(code, address)))
        }
        return .success(socket)
    }

    private static func await(
        _ socket: Int32,
        _ address: String,
        _ timeout: Duration,
        _ continuation: CheckedContinuation<ProbeOutcome, Never>
    ) {
        let source = DispatchSource.makeWriteSource(fileDescriptor: socket, queue: queue)
        let outcome = Mutex(ProbeOutcome.failure("dial tcp \(address): i/o timeout"))
        source.setEventHandler {
            var code: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length)
            outcome.withLock { $0 = code == 0 ? .success : .failure(message(code, address)) }
            source.cancel()
        }
        source.setCancelHandler {
            close(socket)
            continuation.resume(returning: outcome.withLock { $0 })
        }
        source.activate()
        let (seconds, attoseconds) = timeout.components
        let milliseconds = Int(min(seconds, 86_400)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        // Cancelling a source that was cancelled does nothing.
        let end = DispatchWorkItem { source.cancel() }
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: end)
    }

    private static func message(_ code: Int32, _ address: String) -> String {
        "dial tcp \(address): connect: \(String(cString: strerror(code)).lowercased())"
    }
}
