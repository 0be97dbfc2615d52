import JSON
import KubernetesModel

/// The rules by which the API server deletes objects.
extension Transaction {
    /// Finalizers that deletion itself sets, for the garbage collector.
    static let foregroundFinalizer = "foregroundDeletion"
    static let orphanFinalizer = "orphan"

    /// Namespaces that upstream's admission plugin NamespaceLifecycle keeps.
    private static let lastingNamespaces: Set<String> = ["default", "kube-system", "kube-public"]

    /// Deletes an object, or marks it as being deleted when something must happen first; returns it as it then is.
    mutating func delete(
        _ definition: ResourceDefinition,
        _ present: KubernetesObject,
        _ options: DeleteOptions,
        now: Timestamp
    ) throws(APIStatus) -> (object: KubernetesObject, isGone: Bool) {
        try checkPreconditions(definition, present, options)
        if definition.groupResource == .namespaces, Self.lastingNamespaces.contains(present.name) {
            throw APIStatus.forbidden(
                definition.groupResource,
                present.name,
                "this namespace may not be deleted"
            )
        }
        var object = present
        if !object.isBeingDeleted {
            switch options.propagation {
            case .foreground: object.finalizers = object.finalizers + [Self.foregroundFinalizer]
            case .orphan: object.finalizers = object.finalizers + [Self.orphanFinalizer]
            case .background, nil: break
            }
        }
        let grace = Admission.gracePeriod(of: object, definition, options)
        let mayGo =
            object.finalizers.isEmpty && !Admission.mustStayForDeletion(object, definition, grace: grace)
        if mayGo {
            return (remove(definition.groupResource, ObjectKey(present)) ?? present, true)
        }
        if !object.isBeingDeleted {
            let end = Timestamp(
                secondsSinceEpoch: now.secondsSinceEpoch + grace,
                nanoseconds: Int64(now.nanoseconds)
            )
            object.json[at: "metadata", "deletionTimestamp"] = .string(end.kubernetesTime)
            object.json[at: "metadata", "deletionGracePeriodSeconds"] = .integer(grace)
            if definition.hasGeneration { object.generation = present.generation + 1 }
            Admission.markDeletion(&object, definition)
        } else if let earlier = object.json["metadata"]?["deletionGracePeriodSeconds"]?.integerValue,
            grace < earlier
        {
            let end = Timestamp(secondsSinceEpoch: now.secondsSinceEpoch + grace)
            object.json[at: "metadata", "deletionTimestamp"] = .string(end.kubernetesTime)
            object.json[at: "metadata", "deletionGracePeriodSeconds"] = .integer(grace)
        }
        return (object.json == present.json ? present : put(definition.groupResource, object), false)
    }

    private func checkPreconditions(
        _ definition: ResourceDefinition,
        _ present: KubernetesObject,
        _ options: DeleteOptions
    ) throws(APIStatus) {
        if let uid = options.uid, uid != present.uid {
            throw APIStatus.conflict(
                definition.groupResource,
                present.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(present.uid)"
            )
        }
        if let version = options.resourceVersion, version != present.resourceVersion {
            throw APIStatus.conflict(
                definition.groupResource,
                present.name,
                "Precondition failed: ResourceVersion in precondition: \(version), "
                    + "ResourceVersion in object meta: \(present.resourceVersion)"
            )
        }
    }
}
