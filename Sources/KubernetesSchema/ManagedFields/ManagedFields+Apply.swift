public import JSON
import KubernetesModel

extension ManagedFields {
    /// Who owns the fields of an object that nobody kept account of when it is applied to for the first time.
    static let beforeFirstApply = "before-first-apply"
    private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// Applies a configuration (server-side apply).
    ///
    /// Fields that the manager applied before and does not any more are removed, unless somebody else owns them.
    ///
    /// - Parameters:
    ///   - configuration: the fields that the manager wants, with `apiVersion`, `kind` and the name.
    ///   - live: the object before; nil when it is created.
    ///   - force: whether fields of others are taken over.
    /// - Returns: the object to store, before defaults and validation, with its `metadata.managedFields`.
    /// - Throws: when the configuration does not fit the type, or others own fields that it changes.
    public static func apply(
        _ configuration: JSONValue,
        to live: JSONValue?,
        schema: ObjectSchema,
        by write: Write,
        force: Bool
    ) throws(ApplyError) -> JSONValue {
        guard !write.manager.isEmpty else { throw .managerMissing }
        if let given = configuration["metadata"]?["managedFields"], !given.isEmptyContainer {
            throw .configurationHasManagedFields
        }
        let application = try Application(configuration, live, schema, write)
        let forced = force || application.conflictsStemFromClientSideApply
        guard forced || application.conflicts.isEmpty else { throw .conflicts(application.conflicts) }
        var result = application.object
        var after = application.entries
        for conflict in application.conflicts { after.remove(conflict.path, from: conflict.owner) }
        for owner in application.entries.entries.keys where owner != application.owner {
            after.remove(application.comparison.removed, from: owner)
        }
        let before = entries(live: live, new: live ?? .null).entries[application.owner]
        if application.fields.isEmpty {
            after.entries[application.owner] = nil
        } else {
            let isUnchanged =
                before?.fields == application.fields && stripped(live ?? .null) == stripped(result)
            after.entries[application.owner] = .init(
                fields: application.fields,
                apiVersion: schema.type.apiVersion,
                time: isUnchanged ? before?.time : write.now.kubernetesTime
            )
        }
        after.cap()
        if write.manager == "kubectl", result["metadata"]?["annotations"]?[lastApplied] != nil {
            var text = stripped(configuration)
            text[at: "metadata", "annotations", lastApplied] = nil
            result[at: "metadata", "annotations", lastApplied] = .string("\(text)\n")
        }
        put(after, into: &result)
        return result
    }

    /// What applying a configuration comes to.
    private struct Application {
        let owner: FieldOwner
        /// The fields that the configuration has.
        let fields: FieldSet
        /// The object with the configuration in it and without what is no longer applied.
        let object: JSONValue
        /// The account before the application.
        let entries: ManagedFieldsEntries
        /// What the application changes.
        let comparison: FieldComparison
        let conflicts: [ApplyConflict]
        private let live: JSONValue
        private let write: Write
        private let root: SchemaCursor

        init(_ configuration: JSONValue, _ live: JSONValue?, _ schema: ObjectSchema, _ write: Write)
            throws(ApplyError)
        {
            let root = schema.root
            let configuration = stripped(configuration)
            let applied = AppliedConfiguration(configuration, root)
            guard applied.problems.isEmpty else {
                throw .unfit(
                    type: schema.type,
                    namespace: configuration["metadata"]?["namespace"]?.stringValue ?? "",
                    name: configuration["metadata"]?["name"]?.stringValue ?? "",
                    problems: applied.problems
                )
            }
            let owner = FieldOwner(
                manager: write.manager,
                operation: .apply,
                apiVersion: "",
                subresource: write.subresource
            )
            var entries = ManagedFields.entries(live: live, new: live ?? .null)
            let present = stripped(live ?? .object(JSONMembers()))
            if live != nil, entries.entries.isEmpty {
                let all = FieldComparison([:], present, root)
                entries.entries[
                    FieldOwner(
                        manager: beforeFirstApply,
                        operation: .update,
                        apiVersion: schema.type.apiVersion
                    )
                ] = .init(
                    fields: all.written.subtracting(ownerless),
                    apiVersion: schema.type.apiVersion,
                    time: write.now.kubernetesTime
                )
            }
            self.owner = owner
            fields = applied.fields.subtractingTrees(write.ignored).subtracting(ownerless)
            var merged = ApplyMerge.merged(present, configuration, root)
            if let last = entries.entries[owner]?.fields {
                var owned = applied.fields
                for (other, entry) in entries.entries where other != owner {
                    owned = owned.union(entry.fields)
                }
                let dropped = last.withNamedAncestors(root).subtracting(owned.withNamedAncestors(root))
                merged = FieldRemoval.removing(dropped, from: merged, root) ?? merged
            }
            let comparison = FieldComparison(present, merged, root).ignoring(write.ignored)
            conflicts = entries.entries.keys
                .filter { $0 != owner }
                .sorted { ($0.manager, $0.description) < ($1.manager, $1.description) }
                .flatMap { other in
                    (entries.entries[other]?.fields.intersection(comparison.written).paths ?? []).map {
                        ApplyConflict(owner: other, path: $0)
                    }
                }
            object = merged
            self.entries = entries
            self.comparison = comparison
            self.live = present
            self.write = write
            self.root = root
        }

        /// Whether all conflicts are with fields that `kubectl apply` set from the client's side and nobody changed since: then
        /// `kubectl apply --server-side` takes them over.
        var conflictsStemFromClientSideApply: Bool {
            guard write.manager == "kubectl",
                let text = live["metadata"]?["annotations"]?[lastApplied]?.stringValue,
                let last = try? JSONValue(parsing: text)
            else { return false }
            let applied = AppliedConfiguration(last, root).fields
            let changed = FieldComparison(last, live, root).written
            return conflicts.allSatisfy { applied.contains($0.path) && !changed.contains($0.path) }
        }
    }
}

extension ManagedFieldsEntries {
    fileprivate mutating func remove(_ path: FieldPath, from owner: FieldOwner) {
        var fields = FieldSet()
        fields.insert(path)
        remove(fields, from: owner)
    }
}
