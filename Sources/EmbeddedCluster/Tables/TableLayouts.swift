import KubernetesModel

/// Which layout belongs to which built-in collection.
enum TableLayouts {
    private static let byResource: [GroupResource: TableLayout] = [
        .pods: PodLayout.layout,
        .nodes: NodeLayout.layout,
        .deployments: WorkloadLayouts.deployments,
        .replicaSets: WorkloadLayouts.replicaSets,
        .statefulSets: WorkloadLayouts.statefulSets,
        .daemonSets: WorkloadLayouts.daemonSets,
        .controllerRevisions: WorkloadLayouts.controllerRevisions,
        .jobs: JobLayout.layout,
        .services: NetworkLayouts.services,
        .endpoints: NetworkLayouts.endpoints,
        .endpointSlices: NetworkLayouts.endpointSlices,
        .events: EventLayout.layout,
        GroupResource(group: "events.k8s.io", resource: "events"): EventLayout.layout,
        .namespaces: ConfigurationLayouts.namespaces,
        .configMaps: ConfigurationLayouts.configMaps,
        .secrets: ConfigurationLayouts.secrets,
        .serviceAccounts: ConfigurationLayouts.serviceAccounts,
        .leases: ConfigurationLayouts.leases,
        .persistentVolumeClaims: StorageLayouts.claims,
        .persistentVolumes: StorageLayouts.volumes,
        GroupResource(group: "storage.k8s.io", resource: "storageclasses"): StorageLayouts.classes,
        GroupResource(resource: "resourcequotas"): PolicyLayouts.quotas,
        GroupResource(group: "policy", resource: "poddisruptionbudgets"): PolicyLayouts.disruptionBudgets,
        GroupResource(group: "scheduling.k8s.io", resource: "priorityclasses"): PolicyLayouts.priorityClasses,
        GroupResource(group: "rbac.authorization.k8s.io", resource: "rolebindings"): PolicyLayouts.bindings,
        GroupResource(group: "rbac.authorization.k8s.io", resource: "clusterrolebindings"): PolicyLayouts
            .bindings,
    ]

    static subscript(_ resource: GroupResource) -> TableLayout { byResource[resource] ?? .plain }

    /// All layouts.
    static var all: [TableLayout] { Array(byResource.values) + [.plain] }
}
