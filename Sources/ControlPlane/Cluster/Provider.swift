public import Kubernetes
import KubernetesModel

/// A runtime that an operator in the cluster brings: how to tell whether it is there.
public struct Provider: Sendable, Hashable {
    /// Its id in the API, such as `dynamo`.
    public let id: String
    /// Its name, for people.
    public let name: String
    /// What its messages call it.
    let shortName: String
    /// The custom resource definitions of which one must be there.
    let definitions: [String]
    /// The labels by one of which its operator's pods are known, in whatever namespace they run.
    let operatorLabels: [(key: String, value: String)]

    /// Those that the KubeFoundry API documents; the first is the default.
    public static let all: [Provider] = [
        Provider(
            id: "dynamo",
            name: "NVIDIA Dynamo",
            shortName: "Dynamo",
            definitions: ["dynamographdeployments.nvidia.com"],
            operatorLabels: [("app.kubernetes.io/name", "dynamo-operator")]
        ),
        Provider(
            id: "kuberay",
            name: "Ray Serve via KubeRay",
            shortName: "KubeRay",
            definitions: ["rayservices.ray.io"],
            operatorLabels: [("app.kubernetes.io/name", "kuberay-operator"), ("app", "kuberay-operator")]
        ),
        Provider(
            id: "kaito",
            name: "KAITO",
            shortName: "KAITO",
            definitions: ["workspaces.kaito.sh"],
            operatorLabels: [
                ("app.kubernetes.io/name", "kaito-workspace"), ("app.kubernetes.io/name", "workspace"),
            ]
        ),
        Provider(
            id: "kserve",
            name: "KServe",
            shortName: "KServe",
            definitions: ["inferenceservices.serving.kserve.io"],
            operatorLabels: [("control-plane", "kserve-controller-manager")]
        ),
    ]

    /// The one that is used when nobody has chosen another.
    public static var standard: Provider? { all.first }

    /// Whether both have the same id.
    public static func == (left: Provider, right: Provider) -> Bool { left.id == right.id }

    /// Feeds the id.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension ClusterCaches.Settings {
    /// What the control plane looks at: the custom resources of every runtime, and the providers' operators.
    public static var controlPlane: Self {
        var settings = Self(customResources: RuntimeResources.all)
        settings.operatorLabels = Provider.all.flatMap(\.operatorLabels)
        return settings
    }
}

/// Whether a provider is installed, piece by piece.
public struct ProviderInstallation: Sendable, Hashable {
    /// Whether its custom resources are defined.
    public let isDefined: Bool
    /// Whether its operator is ready.
    public let isOperatorReady: Bool
    /// The state in a sentence.
    public let message: String

    /// Whether it can be used.
    public var isInstalled: Bool { isDefined && isOperatorReady }

    /// What caches with the settings `controlPlane` say of a provider; nil while they do not know the definitions or the pods, of
    /// which none would look like none installed.
    public init?(_ provider: Provider, _ caches: ClusterCaches) {
        let definitions = caches.definitions
        guard definitions.state.isSynced, caches.pods.state.isSynced else { return nil }
        isDefined = provider.definitions.contains { name in
            definitions[ResourceKey(name: name)]?.isEstablished == true
        }
        isOperatorReady = caches.operatorPods.contains { pod in
            pod.isReady && pod.metadata.deletion == nil
                && provider.operatorLabels.contains { pod.metadata.labels[$0.key] == $0.value }
        }
        message =
            if !isDefined {
                "\(provider.shortName) CRD not found. Please install the \(provider.shortName) operator."
            } else if !isOperatorReady {
                "\(provider.shortName) operator is not running"
            } else {
                "\(provider.shortName) is installed and running"
            }
    }
}
