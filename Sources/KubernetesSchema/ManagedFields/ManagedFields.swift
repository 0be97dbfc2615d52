public import JSON
import KubernetesModel

/// Keeps account of who wrote which field of an object, and applies configurations (server-side apply).
///
/// The rules are those of `structured-merge-diff` and of apimachinery's `managedfields`. Objects are taken to have the same
/// fields in all versions.
public enum ManagedFields {
    /// Who writes, when and through what.
    public struct Write: Sendable {
        /// The name that the request gives as `fieldManager`.
        public var manager: String
        /// The time of the request.
        public var now: Timestamp
        /// The subresource that the request is about; empty for the object itself.
        public var subresource: String
        /// Fields that the request cannot change, with all that is below them: the status, or all but the status.
        public var ignored: FieldSet

        /// A write.
        public init(manager: String, now: Timestamp, subresource: String = "", ignored: FieldSet = FieldSet())
        {
            self.manager = manager
            self.now = now
            self.subresource = subresource
            self.ignored = ignored
        }
    }

    /// Fields that nobody owns: the server sets them, or they name the object.
    static let ownerless = FieldSet(
        fields: ["apiVersion"],
        ["kind"],
        ["metadata"],
        ["metadata", "name"],
        ["metadata", "namespace"],
        ["metadata", "creationTimestamp"],
        ["metadata", "selfLink"],
        ["metadata", "uid"],
        ["metadata", "generation"],
        ["metadata", "managedFields"],
        ["metadata", "resourceVersion"]
    )

    /// The entries that a write starts from: the live object's, unless the new object brings other ones. One empty entry
    /// removes all.
    static func entries(live: JSONValue?, new: JSONValue) -> ManagedFieldsEntries {
        let present = ManagedFieldsEntries(live?["metadata"]?["managedFields"]?.arrayValue ?? [])
        guard let given = new["metadata"]?["managedFields"]?.arrayValue, !given.isEmpty else {
            return present ?? ManagedFieldsEntries()
        }
        if given == [[:]] { return ManagedFieldsEntries() }
        return ManagedFieldsEntries(given) ?? present ?? ManagedFieldsEntries()
    }

    /// The object without the account, for comparisons.
    static func stripped(_ object: JSONValue) -> JSONValue {
        guard object["metadata"]?["managedFields"] != nil else { return object }
        var object = object
        object[at: "metadata", "managedFields"] = nil
        return object
    }

    static func put(_ entries: ManagedFieldsEntries, into object: inout JSONValue) {
        object[at: "metadata", "managedFields"] = entries.entries.isEmpty ? nil : entries.json
    }
}
