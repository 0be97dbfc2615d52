import Dispatch
import HTTPServer
import Logging
import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server with a route for each thing that the library does, for tests with clients that others wrote.
///
///     HTTPServerFixture [--dispatch-poller] [--event-loops N] [--max-connections N]
@main
struct Main {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let writer = LogWriter(fileDescriptor: 2, format: .text)
        let threshold = LogThreshold(.warning)
        let logger = Logger(label: "fixture") {
            StructuredLogHandler(label: $0, writer: writer, threshold: threshold)
        }
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { return }
        let server = try await Server.start(
            address,
            router: Router([FixtureRoutes.surface]),
            settings: settings(Array(CommandLine.arguments.dropFirst())),
            logger: logger
        )
        var line = "fixture listening on http://\(server.address)\n"
        line.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
        signal(SIGTERM, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM)
        source.setEventHandler { @Sendable in Task { await server.stop() } }
        source.resume()
        await server.waitUntilStopped()
        writer.flush()
    }

    private static func settings(_ arguments: [String]) -> ServerSettings {
        var settings = ServerSettings()
        settings.limits.webSocketMessageSize = 2 << 20
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--dispatch-poller": settings.usesDispatchPoller = true
            case "--event-loops": settings.eventLoops = rest.popFirst().flatMap(Int.init) ?? 0
            case "--max-connections":
                settings.limits.connections = rest.popFirst().flatMap(Int.init) ?? settings.limits.connections
            default:
                var line = "unknown argument \(argument)\n"
                line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
                exit(64)
            }
        }
        return settings
    }
}
