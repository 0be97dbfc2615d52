public import Kubernetes
import KubernetesModel

/// A node that takes pods, as the web front end lists it.
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

    /// The node in short; nil for one that is cordoned, which takes no pods.
    public init?(_ node: NodeProjection) {
        guard !node.isUnschedulable else { return nil }
        name = node.metadata.name
        isReady = node.isReady
        gpuCount = Int(clamping: Self.gpuResources.reduce(0) { $0 + (node.allocatable[$1]?.units ?? 0) })
    }
}
