import HTTPServer
import Logging

/// A server with the test routes on a free loopback port.
final class TestServer: Sendable {
    let server: Server
    let probes: Probes
    /// The certificates of a server that speaks TLS.
    let tls: TestTLS?

    var port: UInt16 { server.address.port }

    /// The scheme of its URLs.
    var scheme: String { tls == nil ? "http" : "https" }

    fileprivate init(_ settings: ServerSettings, _ tls: TestTLS?, _ accessLog: AccessLog?) async throws {
        self.tls = tls
        let probes = Probes()
        self.probes = probes
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw NoLoopback() }
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        server = try await Server.start(
            address,
            router: try Router([TestRoutes.surface(probes)]),
            settings: settings,
            logger: logger,
            tls: tls?.context,
            accessLog: accessLog
        )
    }

    private struct NoLoopback: Error {}

    /// A new connection to the server.
    func connect(source: UInt8 = 1, receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(
            port: port,
            source: source,
            receiveBuffer: receiveBuffer,
            tls: tls?.client()
        )
    }

    /// Sends `request` on a connection of its own and reads the answer.
    func answer(to request: String) throws -> ReceivedResponse {
        let client = try connect()
        try client.send(request)
        return try client.readResponse(isHead: request.hasPrefix("HEAD "))
    }

    /// Whether a new client gets its answer: the server still works.
    func isServing() throws -> Bool {
        try answer(to: Requests.text).status == 200
    }
}

/// What was waited for did not come about.
struct NeverHappened: Error {}

/// Tries again and again until `condition` holds.
func eventually(_ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(Patience.seconds)
    while try !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened() }
    }
}

/// What test routes note and wait for.
final class Probes: Sendable {
    let gate = Gate()
    /// Chunks that endless streams have handed over.
    let chunks = Tally()
    /// Streams whose producer has ended in any way.
    let endedStreams = Tally()
    /// Requests that reached a handler which takes a body.
    let bodies = Tally()
}

/// Runs `body` with a server that has one event loop and stops afterwards. `body` may block: it runs on a thread of its own.
func withServer(
    tls: TestTLS? = .ofAllServers,
    accessLog: AccessLog? = nil,
    _ change: (inout ServerSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) async throws -> Void
) async throws {
    var settings = ServerSettings.patient
    change(&settings)
    let server = try await TestServer(settings, tls, accessLog)
    let outcome: Result<Void, any Error>
    do {
        try await withTaskExecutorPreference(ThreadExecutor()) { try await body(server) }
        outcome = .success(())
    } catch {
        outcome = .failure(error)
    }
    server.probes.gate.open()
    await server.server.stop()
    try outcome.get()
}
