import JSON
import KubernetesModel

/// Namespaces carry their name as a label and stay until all that they hold is gone.
struct NamespaceStrategy: ResourceStrategy {
    func prepareForCreate(_ object: inout KubernetesObject, _ state: ClusterState, now: Timestamp) {
        object.setLabel("kubernetes.io/metadata.name", object.name)
        object.json["spec"] = ["finalizers": ["kubernetes"]]
        object.json["status"] = ["phase": "Active"]
    }

    func prepareForUpdate(_ object: inout KubernetesObject, _ present: KubernetesObject, _ part: ObjectPart) {
        if object.json["spec"] == nil { object.json["spec"] = present.json["spec"] }
    }

    func mustStay(_ object: KubernetesObject, grace: Int64) -> Bool {
        object.spec["finalizers"]?.arrayValue?.isEmpty == false
    }

    func markDeletion(_ object: inout KubernetesObject) {
        object.json["status"] = ["phase": "Terminating"]
    }
}
