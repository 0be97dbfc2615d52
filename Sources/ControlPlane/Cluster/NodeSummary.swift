import Capacity
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

    /// The node in short; nil for one that is cordoned, which takes no pods.
    public init?(_ node: NodeProjection) {
        guard !node.isUnschedulable else { return nil }
        name = node.metadata.name
        isReady = node.isReady
        let gpus = node.allocatable.filter { AcceleratorResource($0.key)?.unit == .device }
        gpuCount = gpus.values.reduce(0) { count, amount in
            let (sum, isTooLarge) = count.addingReportingOverflow(Int(clamping: amount.units))
            return isTooLarge ? .max : sum
        }
    }
}
