import CLinux
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Takes new connections off a listening socket, and turns them away politely when there are too many.
final class Acceptor {
    private let listener: Int32
    /// A descriptor held in reserve: when the process has run out, it is given up to accept, answer and close.
    private var spare: Int32
    private var isPaused = false
    private var isClosed = false
    /// When a paused acceptor tries again, monotonic nanoseconds.
    private(set) var resumesAt = UInt64.max
    private var warnedAt: UInt64 = 0

    init(listener: Int32) {
        self.listener = listener
        spare = Self.openSpare()
    }

    private static func openSpare() -> Int32 {
        open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    /// Accepts what waits, up to `limit` at a time so that a flood of connections does not hold up requests.
    func accept(loop: EventLoop, poller: any Poller, limit: Int = 64) {
        guard !isClosed else { return }
        for _ in 0..<limit {
            do throws(SocketError) {
                guard let client = try ListeningSocket.accept(listener) else { return }
                take(client.descriptor, client.remote, loop)
            } catch {
                shed(error, loop: loop, poller: poller)
                return
            }
        }
    }

    private func take(_ descriptor: Int32, _ remote: SocketAddress, _ loop: EventLoop) {
        let isAdmitted = loop.shared.connectionOpened(remote, limits: loop.settings.limits)
        let connection = HTTP1Connection(isTurnedAway: !isAdmitted)
        guard let channel = loop.adopt(descriptor, remote: remote, wire: connection) else {
            if isAdmitted { loop.shared.connectionClosed(remote) }
            return
        }
        channel.isCounted = isAdmitted
        connection.opened(on: channel, loop: loop)
        if channel.state != .closed { channel.flush(loop: loop) }
    }

    /// Out of descriptors: the spare one lets the waiting client be told so. Then a pause, since nothing has become free.
    private func shed(_ error: SocketError, loop: EventLoop, poller: any Poller) {
        if loop.clock.now &- warnedAt > 1_000_000_000 {
            warnedAt = loop.clock.now
            loop.shared.logger.warning("cannot accept connections", metadata: ["error": "\(error)"])
        }
        if error.code == EMFILE || error.code == ENFILE, spare >= 0 {
            EventLoop.closeDescriptor(spare)
            for _ in 0..<64 {
                guard case .some(.some(let client)) = try? ListeningSocket.accept(listener) else { break }
                if loop.tls == nil { Self.turnAway(client.descriptor, loop: loop) }
                EventLoop.closeDescriptor(client.descriptor)
            }
            spare = Self.openSpare()
        }
        isPaused = true
        resumesAt = loop.clock.now &+ 100_000_000
        try? poller.update(listener, token: EventLoop.listenerToken, interest: [])
        loop.sweep(by: resumesAt)
    }

    /// Answers in one go. Over TLS nothing can be said before a handshake, for which there is no descriptor.
    private static func turnAway(_ descriptor: Int32, loop: EventLoop) {
        var answer: [UInt8] = []
        loop.shared.appendOverloadAnswer(to: &answer, clock: &loop.clock)
        answer.withUnsafeBytes { bytes in
            _ = send(descriptor, bytes.baseAddress, bytes.count, sendFlags)
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    #if canImport(Glibc)
        private static let sendFlags = Int32(MSG_NOSIGNAL)
    #else
        private static let sendFlags: Int32 = 0
    #endif

    /// Something was closed: there may be a descriptor for the next client.
    func descriptorFreed(loop: EventLoop, poller: any Poller) {
        guard isPaused else { return }
        resumesAt = loop.clock.now
        loop.sweep(by: resumesAt)
    }

    /// Accepts again if the pause is over.
    func resume(loop: EventLoop, poller: any Poller) {
        guard isPaused, !isClosed, loop.clock.now >= resumesAt else { return }
        isPaused = false
        resumesAt = .max
        if spare < 0 { spare = Self.openSpare() }
        try? poller.update(listener, token: EventLoop.listenerToken, interest: .read)
    }

    /// Takes the connections that the kernel has already completed, then closes the listener.
    func drain(loop: EventLoop, poller: any Poller) {
        guard !isClosed else { return }
        ListeningSocket.stopHandshakes(listener)
        accept(loop: loop, poller: poller, limit: .max)
        close(poller: poller)
    }

    func close(poller: any Poller) {
        guard !isClosed else { return }
        isClosed = true
        isPaused = false
        poller.remove(listener)
        EventLoop.closeDescriptor(listener)
        if spare >= 0 { EventLoop.closeDescriptor(spare) }
        spare = -1
    }
}
