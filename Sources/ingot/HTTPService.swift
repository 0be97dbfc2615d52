import APIs
import ControlPlane
import HTTPServer
import IngotConfiguration
import JSON
import Logging
import ServiceLifecycle
import Synchronization
import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The main port as a service: it listens when it runs, and stops gently when the process is told to.
final class HTTPService: Service {
    /// The address cannot be listened on.
    struct CannotListen: Error, CustomStringConvertible {
        let description: String
    }

    private let configuration: ServeConfiguration
    private let telemetry: TelemetryPipeline
    private let address: SocketAddress
    private let router: Router
    private let running = RunningServer()
    private let access: ServerAccess

    init(
        _ configuration: ServeConfiguration,
        access: ServerAccess,
        cluster: ClusterAccess,
        models: ModelSources,
        installation: InstallationService,
        telemetry: TelemetryPipeline
    ) throws {
        self.configuration = configuration
        self.access = access
        self.telemetry = telemetry
        guard let address = SocketAddress(host: configuration.host, port: configuration.port) else {
            throw ExitStatus.configuration.failure(
                "host: \(configuration.host) is not an IP address or localhost"
            )
        }
        self.address = address
        let directory = configuration.dataDirectory
        let running = running
        let main = MainPort(
            build: Build.information,
            cluster: cluster,
            models: models,
            installation: installation,
            checks: [
                HealthCheck("running") {
                    running.server?.isStopping == false ? nil : "the server is stopping"
                },
                HealthCheck("data-directory") {
                    do throws(DataDirectory.Failure) {
                        try DataDirectory.prepare(directory)
                        return nil
                    } catch {
                        return "\(error)"
                    }
                },
            ] + Self.clusterChecks(configuration, cluster),
            metrics: { telemetry.render() },
            requiresToken: access.requestGuard != nil
        )
        router = try main.router()
    }

    /// Without a cluster nothing is wrong with it.
    private static func clusterChecks(
        _ configuration: ServeConfiguration,
        _ cluster: ClusterAccess
    ) -> [HealthCheck] {
        if configuration.cluster.mode == .none { return [] }
        return [HealthCheck("cluster") { cluster.problem(at: .now()) ?? cluster.unread }]
    }

    func run() async throws {
        let server: Server
        do throws(SocketError) {
            server = try await Server.start(
                address,
                router: router,
                settings: ServerSettings(configuration.server),
                logger: telemetry.logger,
                accessLog: AccessLog(telemetry.writer, threshold: telemetry.threshold),
                access: access
            )
        } catch {
            throw CannotListen(description: explain(error))
        }
        running.server = server
        telemetry.logger.info(
            "listening",
            metadata: ["address": "\(server.address)", "version": "\(Build.information.version)"]
        )
        if !server.address.isLoopback {
            telemetry.logger.warning(
                "what is sent here is not encrypted, tokens neither: put a proxy with TLS before it"
            )
        }
        Self.announce("ingot listening on http://\(server.address)\n")
        try? await gracefulShutdown()
        telemetry.logger.info("stopping")
        await server.stop()
        telemetry.logger.info("stopped")
    }

    /// Applies what can change while the server runs.
    func apply(_ configuration: ServeConfiguration) {
        running.server?.apply(ServerSettings(configuration.server))
    }

    private func explain(_ error: SocketError) -> String {
        if error.isAddressInUse {
            return
                "cannot listen on \(address): another process does; stop it or choose another port with --port"
        }
        return "cannot listen on \(address): \(error)"
    }

    /// Writes the ready line at once, also when standard output is a pipe.
    private static func announce(_ line: String) {
        var line = line
        line.withUTF8 { bytes in _ = write(1, bytes.baseAddress, bytes.count) }
    }
}

/// The server, once it runs.
private final class RunningServer: Sendable {
    private let state = Mutex<Server?>(nil)

    var server: Server? {
        get { state.withLock(\.self) }
        set { state.withLock { $0 = newValue } }
    }
}
