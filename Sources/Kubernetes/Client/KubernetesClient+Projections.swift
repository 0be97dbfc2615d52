import KubernetesModel

extension KubernetesClient {
    /// The nodes as they are now, for a program that asks once and keeps no watch.
    ///
    /// - Throws: `KubernetesError`.
    public func nodes() async throws(KubernetesError) -> [NodeProjection] {
        try await projections(of: GroupVersionResource(group: "", version: "v1", resource: "nodes"))
    }

    /// The pods of all namespaces as they are now; see `nodes()`.
    ///
    /// - Throws: `KubernetesError`.
    public func pods() async throws(KubernetesError) -> [PodProjection] {
        try await projections(of: GroupVersionResource(group: "", version: "v1", resource: "pods"))
    }

    private func projections<Object: Projection>(
        of resource: GroupVersionResource
    ) async throws(KubernetesError) -> [Object] {
        var objects: [Object] = []
        let shared = SharedValues()
        try await list(resource) { (page) throws(KubernetesError) in
            for item in page.items {
                do throws(JSONScanError) {
                    let bytes = Array(page.bytes[item.range])
                    objects.append(
                        try JSONScanner.scan(bytes, shared: shared) { (scanner) throws(JSONScanError) in
                            try Object(&scanner)
                        }
                    )
                } catch {
                    throw .decoding("an object of \(resource.groupResource) cannot be read: \(error)")
                }
            }
        }
        return objects
    }
}
