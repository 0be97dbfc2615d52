import KubernetesModel

/// The built-in collections that controllers and handlers name.
extension GroupResource {
    static let namespaces = GroupResource(resource: "namespaces")
    static let nodes = GroupResource(resource: "nodes")
    static let pods = GroupResource(resource: "pods")
    static let services = GroupResource(resource: "services")
    static let endpoints = GroupResource(resource: "endpoints")
    static let configMaps = GroupResource(resource: "configmaps")
    static let secrets = GroupResource(resource: "secrets")
    static let serviceAccounts = GroupResource(resource: "serviceaccounts")
    static let events = GroupResource(resource: "events")
    static let persistentVolumeClaims = GroupResource(resource: "persistentvolumeclaims")
    static let persistentVolumes = GroupResource(resource: "persistentvolumes")
    static let endpointSlices = GroupResource(group: "discovery.k8s.io", resource: "endpointslices")
    static let deployments = GroupResource(group: "apps", resource: "deployments")
    static let replicaSets = GroupResource(group: "apps", resource: "replicasets")
    static let statefulSets = GroupResource(group: "apps", resource: "statefulsets")
    static let daemonSets = GroupResource(group: "apps", resource: "daemonsets")
    static let controllerRevisions = GroupResource(group: "apps", resource: "controllerrevisions")
    static let jobs = GroupResource(group: "batch", resource: "jobs")
    static let leases = GroupResource(group: "coordination.k8s.io", resource: "leases")
    static let customResourceDefinitions = GroupResource(
        group: "apiextensions.k8s.io",
        resource: "customresourcedefinitions"
    )
}
