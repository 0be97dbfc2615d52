public import JSON

/// The kinds of patches that say what to change (as opposed to server-side apply, which says what is wished for), beside JSON merge
/// patches, which `JSONValue` has.
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
