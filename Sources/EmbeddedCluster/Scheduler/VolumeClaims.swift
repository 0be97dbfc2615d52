import JSON
import KubernetesModel

/// Whether the persistent volume claims of a pod let it be scheduled (upstream: plugin VolumeBinding).
enum VolumeClaims {
    /// Why the pod cannot run on any node; nil when its claims are no obstacle.
    static func obstacle(of pod: PodRequirements, in state: ClusterState) -> String? {
        for name in pod.claims {
            guard let claim = state.object(.persistentVolumeClaims, pod.key.namespace, name) else {
                return "persistentvolumeclaim \"\(name)\" not found"
            }
            if claim.isBeingDeleted { return "persistentvolumeclaim \"\(name)\" is being deleted" }
            if isUnbound(claim), !waitsForPod(claim, in: state) {
                return "pod has unbound immediate PersistentVolumeClaims"
            }
        }
        return nil
    }

    /// The claims that are to be bound once their pod has a node.
    static func waiting(of pod: PodRequirements, in state: ClusterState) -> [String] {
        pod.claims.filter { name in
            state.object(.persistentVolumeClaims, pod.key.namespace, name).map {
                isUnbound($0) && waitsForPod($0, in: state)
            } ?? false
        }
    }

    private static func isUnbound(_ claim: KubernetesObject) -> Bool {
        claim.status["phase"]?.stringValue != "Bound"
    }

    private static func waitsForPod(_ claim: KubernetesObject, in state: ClusterState) -> Bool {
        let classes = GroupResource(group: "storage.k8s.io", resource: "storageclasses")
        let name = claim.spec["storageClassName"]?.stringValue ?? ""
        return state.object(classes, ObjectKey(name: name))?.json["volumeBindingMode"]?.stringValue
            == "WaitForFirstConsumer"
    }
}
