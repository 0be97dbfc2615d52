import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Logging

/// A server on a free loopback port whose answers a test makes.
final class LocalServer: Sendable {
    private struct NoLoopback: Error {}

    private let server: Server

    var port: UInt16 { server.address.port }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    init(
        tls: TLSContext? = nil,
        _ answer: @escaping @Sendable (Request) async throws -> Response
    ) async throws {
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw NoLoopback() }
        let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]
        let paths: [PathTemplate] = ["/", "/{rest...}"]
        let routes = methods.flatMap { method in
            paths.map { path in
                Route(
                    method,
                    path,
                    access: .anyone,
                    documentation: .init(
                        operationID: "\(method)\(path)",
                        summary: "A test route",
                        tag: "Test",
                        answers: [.init(200, "The answer.")]
                    ),
                    bodyLimit: 64 * 1024 * 1024,
                    handler: .asynchronous(answer)
                )
            }
        }
        let surface = Surface(name: "test", routes: routes, errorSchema: .object { [] }) {
            failure,
            _,
            response in
            response.contentType = .text
            response.body = .bytes(Array(failure.message.utf8))
        }
        var settings = ServerSettings()
        settings.eventLoops = 1
        settings.allowedHosts = ["*"]
        settings.gracePeriod = .milliseconds(10)
        // However slow the machine, the server does not lose patience.
        settings.limits.headTimeout = .seconds(600)
        settings.limits.bodyIdleTimeout = .seconds(600)
        settings.limits.minimumBodyRate = 0
        settings.limits.keepAliveTimeout = .seconds(600)
        settings.limits.writeTimeout = .seconds(600)
        server = try await Server.start(
            address,
            router: try Router([surface]),
            settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            tls: tls
        )
    }

    func stop() async {
        await server.stop()
    }
}

/// Runs `body` with a client and a server that answers with `answer`.
func withServer(
    _ answer: @escaping @Sendable (Request) async throws -> Response,
    _ body: (HTTPClient, LocalServer) async throws -> Void
) async throws {
    let server = try await LocalServer(answer)
    let client = try HTTPClient()
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await body(client, server))
    } catch {
        outcome = .failure(error)
    }
    await client.shutDown()
    await server.stop()
    try outcome.get()
}

extension Response {
    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, contentType: .text, body: .bytes(Array(text.utf8)))
    }
}
