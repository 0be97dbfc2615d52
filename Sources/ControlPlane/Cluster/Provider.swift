public import Kubernetes
import KubernetesModel
public import Runtimes

/// A runtime that an operator in the cluster brings: how to tell whether it is there.
public struct Provider: Sendable, Hashable {
    /// Its id in the API, such as `dynamo`.
    public let id: String
    /// Its name, for people.
    public let name: String
    /// What it does, for people.
    public let summary: String
    /// The namespace that its operator is installed in.
    public let namespace: String
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
            summary: "GPU-accelerated inference with disaggregated serving",
            namespace: "dynamo-system",
            shortName: "Dynamo",
            definitions: ["dynamographdeployments.nvidia.com"],
            operatorLabels: [("app.kubernetes.io/name", "dynamo-operator")]
        ),
        Provider(
            id: "kuberay",
            name: "Ray Serve via KubeRay",
            summary: "Models served by Ray clusters that scale with the load",
            namespace: "kuberay-system",
            shortName: "KubeRay",
            definitions: ["rayservices.ray.io"],
            operatorLabels: [("app.kubernetes.io/name", "kuberay-operator"), ("app", "kuberay-operator")]
        ),
        Provider(
            id: "kaito",
            name: "KAITO",
            summary: "Models served by workspaces, on GPUs with vLLM or on processors with llama.cpp",
            namespace: "kaito-workspace",
            shortName: "KAITO",
            definitions: ["workspaces.kaito.sh"],
            operatorLabels: [
                ("app.kubernetes.io/name", "kaito-workspace"), ("app.kubernetes.io/name", "workspace"),
            ]
        ),
        Provider(
            id: "kserve",
            name: "KServe",
            summary: "Models served behind one inference protocol",
            namespace: "kserve",
            shortName: "KServe",
            definitions: ["inferenceservices.serving.kserve.io"],
            operatorLabels: [("control-plane", "kserve-controller-manager")]
        ),
    ]

    /// The one that is used when nobody has chosen another.
    public static var standard: Provider? { all.first }

    /// Those that every cluster has, since Kubernetes alone suffices for them.
    static let builtIn: [Provider] = [
        Provider(
            id: RuntimeID.vllm.rawValue,
            name: "vLLM",
            summary: "vLLM, SGLang or TensorRT-LLM in plain Deployments",
            namespace: "",
            shortName: "vLLM",
            definitions: [],
            operatorLabels: []
        ),
        Provider(
            id: RuntimeID.llamacpp.rawValue,
            name: "llama.cpp",
            summary: "llama.cpp in plain Deployments, on processors too",
            namespace: "",
            shortName: "llama.cpp",
            definitions: [],
            operatorLabels: []
        ),
    ]

    /// The provider that stands for a runtime.
    public static func of(_ runtime: RuntimeID) -> Provider? {
        (all + builtIn).first { $0.id == runtime.rawValue }
    }

    /// Whether it has to be installed before it can be used.
    public var needsInstallation: Bool { !definitions.isEmpty }

    /// Whether a pod is its operator's, by its labels.
    func isOperator(_ pod: PodProjection) -> Bool {
        operatorLabels.contains { pod.metadata.labels[$0.key] == $0.value }
    }

    /// Whether both have the same id.
    public static func == (left: Provider, right: Provider) -> Bool { left.id == right.id }

    /// Feeds the id.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension ClusterCaches.Settings {
    /// What the control plane looks at: the custom resources of every runtime, what scales nodes, and the providers' operators.
    public static var controlPlane: Self {
        var settings = Self(customResources: RuntimeResources.all + [ScalingResources.nodePools])
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
        guard provider.needsInstallation else {
            isDefined = true
            isOperatorReady = true
            message = "\(provider.shortName) needs no operator"
            return
        }
        let definitions = caches.definitions
        guard definitions.state.isSynced, caches.pods.state.isSynced else { return nil }
        isDefined = provider.definitions.contains { name in
            definitions[ResourceKey(name: name)]?.isEstablished == true
        }
        isOperatorReady = caches.operatorPods.contains { pod in
            pod.isReady && pod.metadata.deletion == nil && provider.isOperator(pod)
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
