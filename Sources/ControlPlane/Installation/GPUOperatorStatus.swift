public import Kubernetes
import KubernetesModel

/// Whether NVIDIA's GPU operator is installed, and which nodes have GPUs to request by it or otherwise.
public struct GPUOperatorStatus: Sendable, Hashable {
    /// Whether the operator is installed, piece by piece.
    public let installation: ProviderInstallation
    /// How many GPUs pods may request on all nodes.
    public let gpus: Int64
    /// The nodes that have any, by name.
    public let nodes: [String]

    private static let resource = "nvidia.com/gpu"

    /// What caches say; nil while they do not know the nodes, the definitions or the pods.
    public init?(_ provider: Provider, _ caches: ClusterCaches) {
        guard let installation = ProviderInstallation(provider, caches), caches.nodes.state.isSynced else {
            return nil
        }
        self.installation = installation
        var (gpus, nodes) = (Int64(0), [String]())
        for node in caches.nodes.objects {
            guard let count = node.allocatable[Self.resource]?.units, count > 0 else { continue }
            gpus += count
            nodes.append(node.metadata.name)
        }
        self.gpus = gpus
        self.nodes = nodes.sorted()
    }

    /// The state in a sentence.
    public var message: String {
        if gpus > 0 { return "GPUs enabled: \(gpus) GPU(s) on \(nodes.count) node(s)" }
        if installation.isInstalled { return "GPU Operator installed but no GPUs detected on nodes" }
        if installation.isDefined { return "GPU Operator CRD found but operator is not running" }
        return "GPU Operator not installed"
    }
}

extension InstallationService {
    /// How the GPU operator and the nodes' GPUs stand; nil while that is not known.
    public var gpuOperator: GPUOperatorStatus? {
        guard let provider = catalog.gpuOperator else { return nil }
        return cluster.caches.flatMap { GPUOperatorStatus(provider, $0) }
    }
}
