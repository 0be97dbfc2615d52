import Dispatch
import HTTPServer
import Logging
import Metrics
import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server with a route for each thing that the library does, for tests with clients that others wrote.
///
///     HTTPServerFixture [--dispatch-poller] [--event-loops N] [--max-connections N]
///                       [--tls FOLDER [--client-certificates optional|required]]
///
/// With `--tls` it makes an authority and certificates, and writes into FOLDER what a client needs: `ca.pem`,
/// `client.pem` and `client.key`. SIGHUP makes it take a new certificate.
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
        let arguments = Arguments(CommandLine.arguments.dropFirst())
        let registry = PrometheusRegistry(logger: logger)
        MetricsSystem.bootstrap(PrometheusMetricsFactory(registry: registry))
        let certificates = try arguments.tlsFolder.map {
            try FixtureCertificates(folder: $0, clients: arguments.clientCertificates)
        }
        let server = try await Server.start(
            address,
            router: Router([FixtureRoutes.surface(metrics: registry)]),
            settings: arguments.settings,
            logger: logger,
            tls: certificates?.context()
        )
        let end = await heed(SIGTERM) { Task { await server.stop() } }
        let renewal = await heed(SIGHUP) {
            guard let context = try? certificates?.context() else { return }
            server.apply(context)
        }
        defer {
            end.cancel()
            renewal.cancel()
        }
        // Last: whoever reads it may send signals.
        let scheme = certificates == nil ? "http" : "https"
        var line = "fixture listening on \(scheme)://\(server.address)\n"
        line.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
        await server.waitUntilStopped()
        writer.flush()
    }

    /// Has a handler called for a signal. It returns once the signal counts: one that comes before is lost.
    private static func heed(
        _ number: Int32,
        _ handler: @escaping @Sendable () -> Void
    ) async -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler(handler: DispatchWorkItem(block: handler))
        await withCheckedContinuation { continuation in
            source.setRegistrationHandler(handler: DispatchWorkItem { continuation.resume() })
            source.resume()
        }
        return source
    }
}
