public import JSON

/// The three kinds of patches that say what to change (as opposed to server-side apply, which says what is wished for).
public enum Patch {
    /// How many operations a JSON patch may have, as upstream.
    public static let mostOperations = 10_000

    /// Applies a JSON patch (RFC 6902).
    public static func json(_ patch: JSONValue, to document: JSONValue) throws(PatchError) -> JSONValue {
        guard let operations = patch.arrayValue else {
            throw .malformed("a JSON patch is an array of operations, not \(patch.kindDescription)")
        }
        guard operations.count <= mostOperations else {
            throw .tooManyOperations(operations.count, limit: mostOperations)
        }
        var result = document
        for operation in operations {
            try JSONPatchOperation(operation).apply(to: &result)
        }
        return result
    }

    /// Applies a JSON merge patch (RFC 7386): objects are merged, `null` removes, anything else replaces.
    public static func merge(_ patch: JSONValue, to document: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result = document.objectValue ?? JSONMembers()
        for change in changes {
            if change.value.isNull {
                result[change.key] = nil
            } else {
                let present = result[change.key] ?? .null
                result[change.key] = merge(change.value, to: present)
            }
        }
        return .object(result)
    }

    /// Applies a strategic merge patch: lists are merged as the schema of the type says, and `$` directives are followed.
    public static func strategic(
        _ patch: JSONValue,
        to document: JSONValue,
        schema: SchemaCursor
    ) throws(PatchError) -> JSONValue {
        guard case .object(let changes) = patch, case .object(let members) = document else {
            throw .malformed("a strategic merge patch is an object, not \(patch.kindDescription)")
        }
        return .object(try StrategicMerge.merge(changes, into: members, schema))
    }
}
