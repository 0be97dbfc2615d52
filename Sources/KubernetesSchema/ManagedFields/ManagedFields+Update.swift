public import JSON
import KubernetesModel

extension ManagedFields {
    /// Notes a write that is no apply: a create, a replacement or a patch of another kind.
    ///
    /// What the write changes belongs to its manager from then on, and to nobody else.
    ///
    /// - Parameters:
    ///   - live: the object before; nil when it is created.
    ///   - new: the object as it is to be stored, after patches, defaults and all that the server fills in.
    /// - Returns: `new` with its `metadata.managedFields`.
    public static func update(
        _ live: JSONValue?,
        to new: JSONValue,
        schema: ObjectSchema,
        by write: Write
    ) -> JSONValue {
        let before = entries(live: live, new: new)
        var after = before
        var result = new
        // An object whose account was cleared stays without one until somebody applies.
        guard live == nil || !before.entries.isEmpty else {
            result[at: "metadata", "managedFields"] = nil
            return result
        }
        let comparison = FieldComparison(
            stripped(live ?? .object(JSONMembers())),
            stripped(new),
            schema.root
        ).ignoring(write.ignored)
        let owner = FieldOwner(
            manager: write.manager,
            operation: .update,
            apiVersion: schema.type.apiVersion,
            subresource: write.subresource
        )
        let written = comparison.written.subtracting(ownerless)
        for other in before.entries.keys {
            after.remove(comparison.removed, from: other)
            if other != owner { after.remove(comparison.written, from: other) }
        }
        if !written.isEmpty {
            let fields = (after.entries[owner]?.fields ?? FieldSet()).union(written)
            after.entries[owner] = .init(
                fields: fields,
                apiVersion: schema.type.apiVersion,
                time: write.now.kubernetesTime
            )
        }
        after.cap()
        put(after, into: &result)
        return result
    }
}
