public import KubernetesModel
public import Runtimes

extension DeploymentPlanner {
    /// What a wish would make an object of.
    public struct WishedResources: Sendable, Hashable {
        /// The namespace.
        public let namespace: String
        /// The resources, each once.
        public let resources: [GroupVersionResource]
    }

    /// The resources of which a wish would make an object, for a check of permissions before it is looked into any further. It needs
    /// memory only.
    public func resources(of request: DeploymentRequest) throws(DeploymentFailure) -> WishedResources {
        let (spec, _) = try choose(request)
        var resources: [GroupVersionResource] = []
        for manifest in try render(spec) where !resources.contains(manifest.resource) {
            resources.append(manifest.resource)
        }
        return WishedResources(namespace: spec.namespace, resources: resources)
    }
}
