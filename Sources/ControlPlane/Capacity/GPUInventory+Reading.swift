public import Capacity
public import Kubernetes

extension GPUInventory {
    /// The accelerators of a cluster as they are now, for a program that asks once and keeps no watch.
    ///
    /// - Throws: `KubernetesError` when nodes or pods cannot be read.
    public init(readFrom client: KubernetesClient) async throws(KubernetesError) {
        self.init()
        for node in try await client.nodes() { update(NodeFacts(node)) }
        for pod in try await client.pods() { replace(pod: nil, with: PodFacts(pod)) }
    }
}
