import KubernetesModel
import KubernetesSchema

/// Keeps the account of who wrote which field, in `metadata.managedFields`.
enum FieldOwnership {
    /// Notes a write that is no apply.
    static func record(
        _ present: KubernetesObject?,
        _ object: inout KubernetesObject,
        _ definition: ResourceDefinition,
        _ part: ObjectPart,
        _ state: ClusterState,
        _ options: WriteOptions
    ) {
        guard !options.hasOwnership, let schema = ObjectSchemas.schema(of: definition, state) else { return }
        object.json = ManagedFields.update(
            present?.json,
            to: object.json,
            schema: schema,
            by: write(part, definition, options)
        )
    }

    /// Who writes, and through which part of the object.
    static func write(
        _ part: ObjectPart,
        _ definition: ResourceDefinition,
        _ options: WriteOptions
    ) -> ManagedFields.Write {
        ManagedFields.Write(
            manager: options.manager,
            now: options.now,
            subresource: part.subresource ?? "",
            ignored: definition.hasStatus
                ? FieldSet(fields: part == .status ? ["spec"] : ["status"]) : FieldSet()
        )
    }
}
