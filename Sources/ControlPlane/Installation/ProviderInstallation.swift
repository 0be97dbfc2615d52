public import Kubernetes
import KubernetesModel

extension ClusterCaches.Settings {
    /// What the control plane looks at: the custom resources of every runtime, what scales nodes, and the operators of what can be
    /// installed.
    public static var controlPlane: Self {
        var settings = Self(customResources: RuntimeResources.all + [ScalingResources.nodePools])
        let catalog = ProviderCatalog.standard
        settings.operatorLabels = (catalog.providers + [catalog.gpuOperator].compactMap { $0 })
            .flatMap(\.operatorLabels).map { ($0.key, $0.value) }
        return settings
    }
}

/// Whether a provider is installed, piece by piece.
public struct ProviderInstallation: Sendable, Hashable {
    /// Whether its custom resources are defined.
    public let isDefined: Bool
    /// Whether its operator is ready.
    public let isOperatorReady: Bool
    /// The namespaces that its operator's pods run in, ready or not.
    public let operatorNamespaces: [String]
    /// The version of the operator, as its image's tag has it; nil when there is no operator or its image has no tag.
    public let version: String?
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
            operatorNamespaces = []
            version = nil
            message = "\(provider.shortName) needs no operator"
            return
        }
        let definitions = caches.definitions
        guard definitions.state.isSynced, caches.pods.state.isSynced else { return nil }
        isDefined = definitions[ResourceKey(name: provider.definition)]?.isEstablished == true
        let pods = caches.operatorPods.filter { pod in
            pod.metadata.deletion == nil && !pod.isOver && provider.isOperator(pod)
        }
        let ready = pods.filter(\.isReady)
        isOperatorReady = !ready.isEmpty
        operatorNamespaces = Set(pods.map(\.metadata.namespace)).sorted()
        version = (ready.isEmpty ? pods : ready).lazy.compactMap(Self.version).first
        message =
            if !isDefined {
                "\(provider.shortName) CRD not found. Please install the \(provider.shortName) operator."
            } else if !isOperatorReady {
                "\(provider.shortName) operator is not running"
            } else {
                "\(provider.shortName) is installed and running"
            }
    }

    /// The version of an operator: its label (Kubernetes: Recommended Labels), else the tag of its image.
    private static func version(_ pod: PodProjection) -> String? {
        if let version = pod.metadata.labels["app.kubernetes.io/version"], !version.isEmpty {
            return String(version.withoutVersionMark)
        }
        for container in pod.containers where container.role == .main {
            let image = container.image.split(separator: "@", maxSplits: 1).first ?? ""
            guard let name = image.split(separator: "/").last, let colon = name.lastIndex(of: ":") else {
                continue
            }
            let tag = name[name.index(after: colon)...].withoutVersionMark
            if tag.first?.isASCIIDigit == true { return String(tag) }
        }
        return nil
    }
}

extension StringProtocol {
    /// `v1.5.1` → `1.5.1`.
    fileprivate var withoutVersionMark: SubSequence {
        first == "v" && dropFirst().first?.isASCIIDigit == true ? dropFirst() : self[...]
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
