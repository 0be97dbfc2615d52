import CLinux
import Dispatch
public import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An HTTP server on one address: event loops, one for each core, which share the address's connections.
///
/// A server is started once and stopped once. Its settings may change in between.
public final class Server: Sendable {
    private struct State {
        var loops: [LoopMailbox] = []
        var running = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isStopping = false
    }

    /// The address that the server answers on; the port is the real one also when port 0 was asked for.
    public let address: SocketAddress
    private let shared: ServerShared
    private let state = Mutex(State())

    private init(address: SocketAddress, shared: ServerShared) {
        self.address = address
        self.shared = shared
    }

    /// Binds `address` and starts to serve. When this returns, connections are answered.
    ///
    /// - Parameters:
    ///   - address: where to listen. Port 0 takes a free one.
    ///   - router: the routes.
    ///   - settings: limits and the like.
    ///   - logger: for what goes wrong.
    ///   - tls: makes every connection a TLS one; nil for plain ones.
    ///   - accessLog: gets a line for each request; nil for none.
    ///   - access: decides who may call what, and records changes; by default everybody may call everything.
    /// - Throws: `SocketError` when the address is taken or may not be used, or a loop cannot be set up.
    public static func start(
        _ address: SocketAddress,
        router: Router,
        settings: ServerSettings = ServerSettings(),
        logger: Logger,
        tls: TLSContext? = nil,
        accessLog: AccessLog? = nil,
        access: ServerAccess = ServerAccess()
    ) async throws(SocketError) -> Server {
        let count = settings.eventLoops > 0 ? settings.eventLoops : coreCount()
        let sockets = try ListeningSocket.open(address, count: count, backlog: 4096)
        let shared = ServerShared(
            router: router,
            logger: logger,
            accessLog: accessLog,
            metrics: ServerMetrics(),
            loopCount: count,
            address: sockets.address,
            tls: tls,
            access: access
        )
        let server = Server(address: sockets.address, shared: shared)
        var remaining = sockets.descriptors[...]
        do throws(SocketError) {
            for (index, descriptor) in sockets.descriptors.enumerated() {
                let mailbox = try LoopMailbox()
                remaining = remaining.dropFirst()
                try await server.startLoop(index, mailbox: mailbox, listener: descriptor, settings: settings)
            }
        } catch {
            for descriptor in remaining { EventLoop.closeDescriptor(descriptor) }
            await server.stop()
            throw error
        }
        return server
    }

    /// Runs a loop on a Dispatch thread of its own. The loop's objects are made on that thread and never leave it.
    private func startLoop(
        _ index: Int,
        mailbox: LoopMailbox,
        listener: Int32,
        settings: ServerSettings
    ) async throws(SocketError) {
        let shared = shared
        let queue = DispatchQueue(label: "ingot.loop.\(index)", qos: .userInitiated)
        let failure: SocketError? = await withCheckedContinuation { started in
            queue.async {
                let loop: EventLoop
                do throws(SocketError) {
                    loop = try EventLoop(
                        shared: shared,
                        settings: settings,
                        mailbox: mailbox,
                        listener: listener
                    )
                } catch {
                    EventLoop.closeDescriptor(listener)
                    started.resume(returning: error)
                    return
                }
                self.state.withLock { state in
                    state.loops.append(mailbox)
                    state.running += 1
                }
                started.resume(returning: nil)
                loop.run()
                self.loopEnded()
            }
        }
        if let failure { throw failure }
    }

    private func loopEnded() {
        let waiters = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Applies new settings to everything that begins from now on. The number of event loops stays.
    public func apply(_ settings: ServerSettings) {
        for loop in state.withLock(\.loops) {
            loop.post { $0.apply(settings) }
        }
    }

    /// Uses another certificate, or other rules for clients' certificates, for the connections that are made from now on.
    /// It has no effect on a server that was started without TLS.
    public func apply(_ tls: TLSContext) {
        for loop in state.withLock(\.loops) {
            loop.post { $0.apply(tls) }
        }
    }

    /// Stops: no new connections, requests in progress are answered with `Connection: close`, and after the grace period
    /// what is left is cut. Returns when every connection is closed.
    public func stop() async {
        let loops = state.withLock { state in
            state.isStopping = true
            return state.loops
        }
        for loop in loops { loop.post { $0.stop() } }
        await waitUntilStopped()
    }

    /// Whether `stop` has been called.
    public var isStopping: Bool { state.withLock(\.isStopping) }

    /// Returns when the server has stopped.
    public func waitUntilStopped() async {
        await withCheckedContinuation { continuation in
            let hasStopped = state.withLock { state in
                guard state.running > 0 else { return true }
                state.waiters.append(continuation)
                return false
            }
            if hasStopped { continuation.resume() }
        }
    }

    private static func coreCount() -> Int {
        max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
}
