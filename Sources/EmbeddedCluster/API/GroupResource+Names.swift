public import KubernetesModel

/// The built-in collections that controllers and handlers name.
extension GroupResource {
    public static let namespaces = GroupResource(resource: "namespaces")
    public static let nodes = GroupResource(resource: "nodes")
    public static let pods = GroupResource(resource: "pods")
    public static let services = GroupResource(resource: "services")
    public static let endpoints = GroupResource(resource: "endpoints")
    public static let configMaps = GroupResource(resource: "configmaps")
    public static let secrets = GroupResource(resource: "secrets")
    public static let serviceAccounts = GroupResource(resource: "serviceaccounts")
    public static let events = GroupResource(resource: "events")
    public static let persistentVolumeClaims = GroupResource(resource: "persistentvolumeclaims")
    public static let persistentVolumes = GroupResource(resource: "persistentvolumes")
    public static let endpointSlices = GroupResource(group: "discovery.k8s.io", resource: "endpointslices")
    public static let deployments = GroupResource(group: "apps", resource: "deployments")
    public static let replicaSets = GroupResource(group: "apps", resource: "replicasets")
    public static let statefulSets = GroupResource(group: "apps", resource: "statefulsets")
    public static let daemonSets = GroupResource(group: "apps", resource: "daemonsets")
    public static let controllerRevisions = GroupResource(group: "apps", resource: "controllerrevisions")
    public static let jobs = GroupResource(group: "batch", resource: "jobs")
    public static let leases = GroupResource(group: "coordination.k8s.io", resource: "leases")
    public static let customResourceDefinitions = GroupResource(
        group: "apiextensions.k8s.io",
        resource: "customresourcedefinitions"
    )
}
