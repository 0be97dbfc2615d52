import HTTPServer
import HTTPTypes
import JSON
import Logging

/// A server on a free loopback port whose answers a test makes.
final class LocalServer: Sendable {
    private struct NoLoopback: Error {}

    private let server: Server

    var url: String { "http://127.0.0.1:\(server.address.port)" }

    init(_ answer: @escaping @Sendable (Request) async throws -> Response) async throws {
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw NoLoopback() }
        let route = Route(
            .get,
            "/{rest...}",
            access: .anyone,
            documentation: .init(
                operationID: "get",
                summary: "A test route",
                tag: "Test",
                answers: [.init(200, "The answer.")]
            ),
            handler: .asynchronous(answer)
        )
        let surface = Surface(name: "test", routes: [route], errorSchema: .object { [] }) {
            failure,
            _,
            response in
            response.contentType = .text
            response.body = .bytes(Array(failure.message.utf8))
        }
        var settings = ServerSettings()
        settings.eventLoops = 1
        settings.gracePeriod = .milliseconds(10)
        // However slow the machine, the server does not lose patience.
        settings.limits.headTimeout = .seconds(600)
        settings.limits.keepAliveTimeout = .seconds(600)
        settings.limits.writeTimeout = .seconds(600)
        server = try await Server.start(
            address,
            router: try Router([surface]),
            settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    func stop() async {
        await server.stop()
    }
}
