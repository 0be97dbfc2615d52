import ControlPlane
import EmbeddedCluster
import Glibc
import HTTPClient
import IngotConfiguration
import Kubernetes
import LocalContainers
import Logging
import ServiceLifecycle
import Telemetry

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The cluster that the process works with, while it runs: the embedded one is started and stopped here.
struct ClusterService: Service {
    /// What the rest of the process sees of the cluster.
    let access: ClusterAccess
    /// The embedded cluster; nil when another one is used, or none.
    let embedded: EmbeddedCluster?

    /// What plays operators in the cluster; nil where it is a real one.
    var simulation: (any OperatorSimulation)? { embedded }

    /// Finds the cluster that the configuration asks for, or starts the embedded one.
    ///
    /// - Throws: what ends the program when there is none.
    static func start(
        _ configuration: ServeConfiguration,
        _ http: HTTPClient,
        _ telemetry: TelemetryPipeline
    ) async throws -> ClusterService {
        let hubUser: HubUserRecord
        do throws(HubUserRecord.Failure) {
            hubUser = try HubUserRecord(folder: configuration.dataDirectory)
        } catch {
            throw ExitStatus.cannotCreate.failure(error.description)
        }
        if configuration.cluster.mode == .none { return ClusterService(access: .none, embedded: nil) }
        // A shell that was pointed at the embedded cluster for kubectl's sake does not make it another cluster.
        let isOwn = configuration.cluster.mode == .auto && configuration.namesEmbeddedCluster
        if configuration.cluster.mode != .embedded, !isOwn, let found = try configuration.configuredCluster()
        {
            return ClusterService(found, http, embedded: nil, configuration, hubUser, telemetry)
        }
        guard configuration.cluster.mode != .kubernetes else {
            throw ExitStatus.configuration.failure(
                "cluster.mode: no cluster is configured; name a file with --kubeconfig, or use --embedded-cluster"
            )
        }
        let embedded = try await startEmbedded(configuration, http, telemetry)
        let location = ClusterLocation(kubeconfig: embedded.kubeconfigPath, environment: [:])
        do throws(KubeconfigError) {
            guard let found = try location.configuration() else {
                throw KubeconfigError("the file has no cluster", file: embedded.kubeconfigPath)
            }
            return ClusterService(found, http, embedded: embedded, configuration, hubUser, telemetry)
        } catch {
            throw ExitStatus.unavailable.failure("\(error)")
        }
    }

    private init(access: ClusterAccess, embedded: EmbeddedCluster?) {
        self.access = access
        self.embedded = embedded
    }

    private init(
        _ found: ClusterConfiguration,
        _ http: HTTPClient,
        embedded: EmbeddedCluster?,
        _ configuration: ServeConfiguration,
        _ hubUser: HubUserRecord,
        _ telemetry: TelemetryPipeline
    ) {
        for warning in found.warnings { telemetry.logger.warning("\(warning)") }
        telemetry.logger.notice(
            embedded == nil
                ? "using a Kubernetes cluster"
                : "using the embedded cluster: its nodes and what runs on them are simulated",
            metadata: ["server": "\(found.server)", "origin": "\(found.origin)"]
        )
        let client = KubernetesClient(configuration: found, http: http)
        let report = ConnectionReport(telemetry.logger)
        let inventory = ClusterInventory()
        let deployments = DeploymentIndex()
        let caches = ClusterCaches(
            client: client,
            settings: .controlPlane,
            nodeObserver: inventory.nodesChanged,
            podObserver: { changes in
                inventory.podsChanged(changes)
                deployments.podsChanged(changes)
            },
            deploymentObserver: deployments.deploymentsChanged,
            customResourceObserver: deployments.customResourcesChanged,
            onChange: report.changed
        )
        CacheMetrics.register(caches, in: telemetry.registry)
        access = ClusterAccess(
            name: found.name,
            isSimulated: embedded != nil,
            client: client,
            caches: caches,
            inventory: inventory,
            deployments: deployments,
            ownNamespace: configuration.cluster.namespace,
            hubUser: hubUser
        )
        report.follow(access)
        self.embedded = embedded
    }

    private static func startEmbedded(
        _ configuration: ServeConfiguration,
        _ http: HTTPClient,
        _ telemetry: TelemetryPipeline
    ) async throws -> EmbeddedCluster {
        do throws(EmbeddedCluster.CannotStart) {
            return try await EmbeddedCluster.start(
                .init(
                    folder: configuration.embeddedClusterFolder,
                    port: configuration.cluster.embedded.port,
                    nodes: configuration.cluster.embedded.nodes.map(NodeSpecification.init),
                    pace: KubeletPace(configuration.cluster.embedded.pace),
                    machine: MachineSettings(
                        images: ImageCommands(configuration.cluster.embedded.images),
                        path: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
                    ),
                    commit: Build.information.gitCommit
                ),
                client: http,
                logger: telemetry.logger
            )
        } catch {
            throw ExitStatus.unavailable.failure(error.description)
        }
    }

    func run() async throws {
        let caches = Task { await access.run() }
        try? await gracefulShutdown()
        caches.cancel()
        await caches.value
        await embedded?.stop()
    }
}

extension ServeConfiguration {
    /// Where the embedded cluster keeps its objects and credentials.
    var embeddedClusterFolder: String { "\(dataDirectory)/embedded-cluster" }

    /// Whether the kubeconfig that is named is the one that the embedded cluster has written.
    fileprivate var namesEmbeddedCluster: Bool {
        let named =
            cluster.kubeconfig.isEmpty
            ? ProcessInfo.processInfo.environment["KUBECONFIG"] ?? "" : cluster.kubeconfig
        guard !named.isEmpty, let path = realpath(named, nil) else { return false }
        defer { free(path) }
        guard let own = realpath(EmbeddedCluster.kubeconfigPath(folder: embeddedClusterFolder), nil) else {
            return false
        }
        defer { free(own) }
        return strcmp(path, own) == 0
    }

    /// The cluster that a kubeconfig or a pod's service account names; nil when there is none.
    func configuredCluster() throws -> ClusterConfiguration? {
        let location = ClusterLocation(
            kubeconfig: cluster.kubeconfig.isEmpty ? nil : cluster.kubeconfig,
            context: cluster.context.isEmpty ? nil : cluster.context,
            environment: ProcessInfo.processInfo.environment
        )
        do throws(KubeconfigError) {
            return try location.configuration()
        } catch {
            throw ExitStatus.configuration.failure("\(error)")
        }
    }
}
