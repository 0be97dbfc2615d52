public import Kubernetes
import KubernetesModel

/// A node as the web front end lists it.
public struct NodeSummary: Sendable, Hashable {
    /// The name.
    public let name: String
    /// Whether its kubelet says that it can run pods.
    public let isReady: Bool
    /// How many GPUs pods may request on it.
    public let gpuCount: Int

    /// The resource names under which device plugins offer whole GPUs.
    private static let gpuResources = [
        "nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe", "habana.ai/gaudi",
    ]

    init(_ node: NodeProjection) {
        name = node.metadata.name
        isReady = node.isReady
        gpuCount = Int(clamping: Self.gpuResources.reduce(0) { $0 + (node.allocatable[$1]?.units ?? 0) })
    }

    /// The nodes that take pods, by name; cordoned ones are left out.
    public static func list(_ nodes: CacheSnapshot<NodeProjection>) -> [NodeSummary] {
        nodes.objects.filter { !$0.isUnschedulable }.map(NodeSummary.init).sorted { $0.name < $1.name }
    }
}
