import EmbeddedCluster
import HTTPClient
import IngotConfiguration
import Logging
import ServiceLifecycle
import Telemetry

/// The cluster that the process works with, while it runs: the embedded one is started and stopped here.
struct ClusterService: Service {
    /// The embedded cluster; nil when another is used.
    let embedded: EmbeddedCluster?

    /// Starts what the configuration asks for.
    ///
    /// - Throws: an `ExitStatus` failure when it cannot start.
    static func start(
        _ configuration: ServeConfiguration,
        _ telemetry: TelemetryPipeline
    ) async throws -> ClusterService {
        guard configuration.cluster.mode == .embedded || configuration.cluster.mode == .auto else {
            return ClusterService(embedded: nil)
        }
        let client: HTTPClient
        do throws(HTTPClientError) {
            client = try HTTPClient()
        } catch {
            throw ExitStatus.unavailable.failure("cannot start the HTTP client: \(error)")
        }
        do throws(EmbeddedCluster.CannotStart) {
            let cluster = try await EmbeddedCluster.start(
                .init(
                    folder: configuration.embeddedClusterFolder,
                    port: configuration.cluster.embeddedPort,
                    commit: Build.information.gitCommit
                ),
                client: client,
                logger: telemetry.logger
            )
            telemetry.logger.notice(
                "the embedded cluster answers: its nodes are simulated",
                metadata: ["port": "\(cluster.port)", "kubeconfig": "\(cluster.kubeconfigPath)"]
            )
            return ClusterService(embedded: cluster)
        } catch {
            throw ExitStatus.unavailable.failure(error.description)
        }
    }

    func run() async throws {
        try? await gracefulShutdown()
        await embedded?.stop()
    }
}

extension ServeConfiguration {
    /// Where the embedded cluster keeps its objects and credentials.
    var embeddedClusterFolder: String { "\(dataDirectory)/embedded-cluster" }
}
