import JSON
import KubernetesModel

/// Deletes the objects of a custom resource definition that is being deleted, then lets the definition go.
struct CustomResourceCleanup: Controller {
    let name = "crd-finalizer"

    var triggers: [Trigger] { [.itself(.customResourceDefinitions)] }

    var keysOfAnyChange: (@Sendable (Change, ClusterState) -> [ObjectKey])? {
        { change, state in
            guard change.current == nil, change.resource.group.contains(".") else { return [] }
            // A definition has the name of its resource.
            let key = ObjectKey(name: change.resource.description)
            return state.object(.customResourceDefinitions, key)?.isBeingDeleted == true ? [key] : []
        }
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let definition = api.get(.customResourceDefinitions, key), definition.isBeingDeleted,
            definition.finalizers.contains(CustomResourceDefinitionStrategy.cleanupFinalizer),
            let group = definition.spec["group"]?.stringValue,
            let plural = definition.spec["names"]?["plural"]?.stringValue
        else { return nil }
        let resource = GroupResource(group: group, resource: plural)
        let isServed = api.catalog[resource] != nil
        if isServed {
            for object in api.list(resource) where !object.isBeingDeleted {
                try await api.delete(resource, ObjectKey(object), DeleteOptions(uid: object.uid))
            }
        }
        let isDone = !isServed || api.list(resource).isEmpty
        var conditions = Conditions(definition)
        conditions.set(
            "Terminating",
            isDone ? "False" : "True",
            isDone ? "InstanceDeletionCompleted" : "InstanceDeletionInProgress",
            isDone ? "removed all instances" : "CustomResource deletion is in progress",
            now: api.now()
        )
        let final = conditions.json
        try await api.updateStatus(.customResourceDefinitions, key, as: name) { definition in
            definition.json[at: "status", "conditions"] = final
        }
        if isDone {
            try await api.update(.customResourceDefinitions, key, as: name) { definition in
                definition.finalizers = definition.finalizers.filter {
                    $0 != CustomResourceDefinitionStrategy.cleanupFinalizer
                }
            }
        }
        return nil
    }
}
