public import Kubernetes
import KubernetesModel
public import Runtimes

/// Whether a runtime can serve, at a moment.
public struct RuntimeStanding: Sendable {
    /// The runtime.
    public let runtime: RuntimeID
    /// Its name, for people.
    public let name: String
    /// Whether its custom resources are defined, or it needs none.
    public let isInstalled: Bool
    /// Whether deployments can be made: its operator is ready too, or it needs none.
    public let isHealthy: Bool
    /// The version of its operator; nil where nothing tells it.
    public let version: String?
    /// The matter in a sentence.
    public let message: String

    /// How every runtime stands, in the order of `RuntimeID`; nil while that has not been read yet.
    public static func all(_ caches: ClusterCaches) -> [RuntimeStanding]? {
        let states = [caches.definitions.state, caches.pods.state]
        guard states.allSatisfy({ $0.isSynced || $0.isUnavailable }) else { return nil }
        let unreadable = states.first(where: \.isUnavailable).map { state in
            "whether it is installed cannot be told: " + (state.lastError.map { "\($0)" } ?? "not readable")
        }
        return RuntimeID.allCases.compactMap { id in
            Provider.of(id).map { RuntimeStanding(id, $0, caches, unreadable: unreadable ?? "") }
        }
    }

    private init(_ id: RuntimeID, _ provider: Provider, _ caches: ClusterCaches, unreadable: String) {
        runtime = id
        name = provider.name
        let installation = ProviderInstallation(provider, caches)
        isInstalled = installation?.isDefined ?? false
        isHealthy = installation?.isInstalled ?? false
        message = installation?.message ?? unreadable
        version = installation?.version
    }
}
