public import JSON
public import Kubernetes
import KubernetesModel
public import Runtimes

/// The cluster that the control plane works with: what is known of it, and how it stands.
public final class ClusterAccess: Sendable {
    /// The cluster's name, for people: the kubeconfig's context.
    public let name: String
    /// Whether its nodes are simulated, because it is the embedded one.
    public let isSimulated: Bool
    /// What is known of it; nil when no cluster is used.
    public let caches: ClusterCaches?
    /// Its accelerators; nothing when no cluster is used.
    public let inventory: ClusterInventory
    /// Its deployments of models; nothing when no cluster is used.
    public let deployments: DeploymentIndex
    /// Speaks with its API server; nil when no cluster is used.
    public let client: KubernetesClient?
    /// Keeps the last lines of the deployments' pods; nil when no cluster is used.
    public let logKeeper: DeploymentLogKeeper?
    /// Keeps the settings; nil when no cluster is used.
    public let settings: SettingsStore?
    /// The Hub's token in the namespaces where models are served; nil when no cluster is used.
    public let hubToken: HubTokenSecrets?
    /// Finds out what makes the cluster larger and smaller; nil when no cluster is used.
    public let autoscaler: AutoscalerService?

    /// The namespace that deployments go to unless they say otherwise, as the KubeFoundry API documents it.
    public static let documentedNamespace = "kubefoundry"
    /// The namespace of what Ingot keeps for itself in a cluster, unless it is configured otherwise.
    public static let standardOwnNamespace = "ingot-system"

    /// Access to a cluster.
    ///
    /// - Parameters:
    ///   - caches: what is known of it; they tell the inventory of each change of a node or a pod.
    ///   - inventory: its accelerators.
    ///   - deployments: its deployments of models.
    ///   - ownNamespace: the namespace of what Ingot keeps for itself.
    ///   - hubUser: remembers whose the Hub's token is.
    public init(
        name: String,
        isSimulated: Bool,
        client: KubernetesClient,
        caches: ClusterCaches,
        inventory: ClusterInventory = ClusterInventory(),
        deployments: DeploymentIndex = DeploymentIndex(),
        ownNamespace: String = standardOwnNamespace,
        hubUser: HubUserRecord = HubUserRecord()
    ) {
        self.inventory = inventory
        self.deployments = deployments
        self.name = name
        self.isSimulated = isSimulated
        self.client = client
        self.caches = caches
        logKeeper = DeploymentLogKeeper(client: client, deployments: deployments) { namespace, name in
            caches.pods[ResourceKey(namespace: namespace, name: name)]
        }
        autoscaler = AutoscalerService(client: client, caches: caches)
        let settings = SettingsStore(client: client, namespace: ownNamespace)
        self.settings = settings
        hubToken = HubTokenSecrets(
            client: client,
            ownNamespace: ownNamespace,
            caches: caches,
            deployments: deployments,
            defaultNamespace: { settings.known.settings.defaultNamespace ?? Self.documentedNamespace },
            record: hubUser
        )
    }

    private init() {
        inventory = ClusterInventory()
        deployments = DeploymentIndex()
        name = ""
        isSimulated = false
        client = nil
        caches = nil
        logKeeper = nil
        settings = nil
        hubToken = nil
        autoscaler = nil
    }

    /// No cluster.
    public static let none = ClusterAccess()

    /// Keeps what is known up to date until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.caches?.run() }
            group.addTask { await self.logKeeper?.run() }
            group.addTask { await self.settings?.run() }
            group.addTask { await self.autoscaler?.run() }
            group.addTask { await self.hubToken?.run() }
        }
    }

    /// The namespace that deployments go to unless they say otherwise: the one of the settings, else the documented one.
    public var defaultNamespace: String {
        settings?.known.settings.defaultNamespace ?? Self.documentedNamespace
    }

    /// The runtime that serves deployments which name none, where the settings have one.
    public var activeProvider: RuntimeID? { settings?.known.settings.activeProvider }

    /// A pod as it was asked for; nil when it is not known.
    func pod(_ namespace: String, _ name: String) -> PodProjection? {
        caches?.pods[ResourceKey(namespace: namespace, name: name)]
    }

    // MARK: How it stands

    /// What has not been read yet of what Ingot keeps in the cluster, for people; nil when all of it has, or may not be read.
    public var unread: String? {
        let states = [
            ("settings", settings?.state), ("secrets with the Hub's token", hubToken?.states.first),
            ("cluster autoscaler's reports", autoscaler?.reportState),
        ]
        let unread = states.first { $0.1.map { !$0.isSynced && !$0.isUnavailable } ?? false }
        return unread.map { what, state in
            "the \(what) have not been read yet" + (state?.lastError.map { ": \($0)" } ?? "")
        }
    }

    /// Why the cluster cannot be relied on just now, for people; nil when all is well. Caches of what the API server does not have
    /// or does not let us read do not count.
    public func problem(at now: Timestamp) -> String? {
        guard let caches else { return "no cluster is configured" }
        let troubled = caches.reports.filter { !$0.state.isUnavailable && !$0.state.isConnected }
        guard let first = troubled.first else { return nil }
        let reason = first.state.lastError.map { ": \($0)" } ?? ""
        guard let age = troubled.compactMap({ $0.state.age(at: now) }).max() else {
            return "the cluster's \(first.resource) have not been read yet\(reason)"
        }
        return "the API server is away; what is known is up to \(Int(age.rounded(.up))) s old\(reason)"
    }

    /// How the caches stand that deployments are known from. Custom resources that are not defined have no deployments.
    public var deploymentStates: [CacheState] {
        guard let caches else { return [] }
        return [caches.deployments.state, caches.definitions.state, caches.pods.state]
            + caches.customResourceStates(of: RuntimeResources.all.map(\.groupResource))
    }

    /// Whether the API server answers.
    public var isConnected: Bool {
        guard let caches else { return false }
        return caches.reports.contains { $0.state.isConnected }
    }

    /// Refuses a write at once while the API server is away.
    ///
    /// - Throws: `ClusterUnavailable` with the reason.
    public func requireConnection(at now: Timestamp) throws(ClusterUnavailable) {
        guard !isConnected else { return }
        throw ClusterUnavailable(reason: problem(at: now) ?? "the API server is away")
    }
}

/// The cluster cannot be reached.
public struct ClusterUnavailable: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why, for people.
    public let reason: String

    /// Why, for people.
    public var description: String { "the cluster cannot be reached: \(reason)" }
}
