public import KubernetesModel

/// Why a configuration cannot be applied.
public enum ApplyError: Error, Sendable, Hashable {
    /// The configuration does not fit the type: what is wrong, each with its path in front.
    case unfit(type: GroupVersionKind, namespace: String, name: String, problems: [String])
    /// Others own fields that the configuration sets to other values.
    case conflicts([ApplyConflict])
    /// The configuration has `metadata.managedFields`.
    case configurationHasManagedFields
    /// Nobody is named as the manager.
    case managerMissing

    /// What the API server answers.
    public var status: APIStatus {
        switch self {
        case .unfit(let type, let namespace, let name, let problems):
            // Upstream wraps this in no API error, so it comes without a reason and with 500.
            let object = namespace.isEmpty ? name : "\(namespace)/\(name)"
            let text =
                problems.count == 1
                ? problems[0] : "errors:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
            return APIStatus(
                code: 500,
                reason: .unknown,
                message: "failed to create typed patch object (\(object); \(type)): \(text)"
            )
        case .conflicts(let conflicts):
            return APIStatus(
                code: 409,
                reason: .conflict,
                message: ApplyConflict.message(conflicts),
                causes: conflicts.map {
                    .init(
                        reason: "FieldManagerConflict",
                        message: "conflict with \($0.owner.description)",
                        field: $0.path.description
                    )
                }
            )
        case .configurationHasManagedFields:
            return .badRequest("metadata.managedFields must be nil")
        case .managerMissing:
            return APIStatus(
                code: 422,
                reason: .invalid,
                message:
                    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
                group: "meta.k8s.io",
                kind: "PatchOptions",
                causes: [
                    .init(
                        reason: "FieldValueRequired",
                        message: "Required value: is required for apply patch",
                        field: "fieldManager"
                    )
                ]
            )
        }
    }
}

/// A field that somebody else owns and that a configuration sets to another value.
public struct ApplyConflict: Sendable, Hashable {
    /// Who owns the field.
    public let owner: FieldOwner
    /// The field.
    public let path: FieldPath

    /// The message for several of them, in upstream's words, which clients print.
    static func message(_ conflicts: [ApplyConflict]) -> String {
        if let only = conflicts.first, conflicts.count == 1 {
            return "Apply failed with 1 conflict: conflict with \(only.owner): \(only.path)"
        }
        var lines: [String] = []
        var last: FieldOwner?
        for conflict in conflicts {
            if conflict.owner != last { lines.append("conflicts with \(conflict.owner):") }
            last = conflict.owner
            lines.append("- \(conflict.path)")
        }
        return "Apply failed with \(conflicts.count) conflicts: \(lines.joined(separator: "\n"))"
    }
}
