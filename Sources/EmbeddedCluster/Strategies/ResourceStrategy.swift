import JSON
import KubernetesModel

/// What is particular to the objects of one resource when they are written: the registry strategies of upstream.
///
/// Each function runs inside a transaction: it sees the state as it is then, and must do no more than change its argument.
protocol ResourceStrategy: Sendable {
    /// Fills in defaults and what only the server sets, before a new object is checked.
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp)

    /// Fills in defaults and restores what must not change, before a changed object is checked.
    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart)

    /// Takes for an object what must be unique in the cluster, such as addresses, after the defaults are filled in.
    func allocate(_ object: inout KubernetesObject, _ state: ClusterState)

    /// What is wrong with what an object asks to have for itself in the cluster.
    func allocationCauses(_ object: KubernetesObject, _ state: ClusterState) -> [APIStatus.Cause]

    /// What is wrong with an object, beyond what its schema says.
    func causes(in object: KubernetesObject) -> [APIStatus.Cause]

    /// What is wrong with the step from one state of an object to another.
    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause]

    /// How long the object may take to end when it is deleted, seconds; 0 when it goes at once.
    func gracePeriod(of object: KubernetesObject, _ options: DeleteOptions) -> Int64

    /// Whether an object without finalizers that is being deleted must wait for somebody to end it.
    func mustStay(_ object: KubernetesObject, grace: Int64) -> Bool

    /// Notes on an object that its deletion has begun.
    func markDeletion(_ object: inout KubernetesObject)
}

extension ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {}
    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
    }
    func allocate(_ object: inout KubernetesObject, _ state: ClusterState) {}
    func allocationCauses(_ object: KubernetesObject, _ state: ClusterState) -> [APIStatus.Cause] { [] }
    func causes(in object: KubernetesObject) -> [APIStatus.Cause] { [] }
    func causes(in object: KubernetesObject, changedFrom present: KubernetesObject) -> [APIStatus.Cause] {
        []
    }
    func gracePeriod(of object: KubernetesObject, _ options: DeleteOptions) -> Int64 { 0 }
    func mustStay(_ object: KubernetesObject, grace: Int64) -> Bool { false }
    func markDeletion(_ object: inout KubernetesObject) {}
}

/// The strategy of a resource that has nothing particular.
struct PlainStrategy: ResourceStrategy {}

/// Which strategy belongs to which resource.
enum Strategies {
    private static let byResource: [GroupResource: any ResourceStrategy] = [
        .namespaces: NamespaceStrategy(),
        .pods: PodStrategy(),
        .secrets: SecretStrategy(),
        .deployments: DeploymentStrategy(),
        .replicaSets: ReplicaSetStrategy(),
        .statefulSets: StatefulSetStrategy(),
        .daemonSets: DaemonSetStrategy(),
        .jobs: JobStrategy(),
        .services: ServiceStrategy(),
        .persistentVolumeClaims: PersistentVolumeClaimStrategy(),
        .persistentVolumes: PersistentVolumeStrategy(),
        .storageClasses: StorageClassStrategy(),
        .configMaps: ConfigMapStrategy(),
        .endpointSlices: EndpointSliceStrategy(),
        .controllerRevisions: ControllerRevisionStrategy(),
        .leases: LeaseStrategy(),
        .podDisruptionBudgets: PodDisruptionBudgetStrategy(),
        .priorityClasses: PriorityClassStrategy(),
        GroupResource(group: "rbac.authorization.k8s.io", resource: "rolebindings"): RoleBindingStrategy(),
        GroupResource(group: "rbac.authorization.k8s.io", resource: "clusterrolebindings"):
            RoleBindingStrategy(),
        .customResourceDefinitions: CustomResourceDefinitionStrategy(),
    ]

    static subscript(_ resource: GroupResource) -> any ResourceStrategy {
        byResource[resource] ?? PlainStrategy()
    }
}

extension GroupResource {
    static let storageClasses = GroupResource(group: "storage.k8s.io", resource: "storageclasses")
    static let podDisruptionBudgets = GroupResource(group: "policy", resource: "poddisruptionbudgets")
    static let priorityClasses = GroupResource(group: "scheduling.k8s.io", resource: "priorityclasses")
}
