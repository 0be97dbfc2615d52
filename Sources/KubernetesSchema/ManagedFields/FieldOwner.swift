/// Somebody who owns fields of an object.
public struct FieldOwner: Sendable, Hashable, CustomStringConvertible {
    /// How the fields came to their owner.
    public enum Operation: String, Sendable, Hashable, Comparable {
        /// By server-side apply: a field that is no longer applied is removed.
        case apply = "Apply"
        /// By any other write.
        case update = "Update"

        /// Apply comes before update.
        public static func < (left: Operation, right: Operation) -> Bool { left.rawValue < right.rawValue }
    }

    /// The name that requests give as `fieldManager`.
    public let manager: String
    /// How the fields came to their owner.
    public let operation: Operation
    /// The version in which the object was written; empty for an applier, who is the same one in every version.
    public let apiVersion: String
    /// The subresource through which the object was written; empty for none.
    public let subresource: String

    /// An owner.
    public init(manager: String, operation: Operation, apiVersion: String, subresource: String = "") {
        self.manager = manager
        self.operation = operation
        self.apiVersion = operation == .apply ? "" : apiVersion
        self.subresource = subresource
    }

    /// As the API server writes it in messages: `"kubectl-edit" using apps/v1`.
    public var description: String {
        var text = "\"\(manager)\""
        if !subresource.isEmpty { text += " with subresource \"\(subresource)\"" }
        if operation == .update { text += " using \(apiVersion)" }
        return text
    }
}
