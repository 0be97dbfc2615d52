public import JSON
public import KubernetesModel

/// What a request wants done about fields that the object's type does not have, or that are there twice (`fieldValidation`).
public enum FieldValidation: String, Sendable, Hashable {
    /// The request is refused.
    case strict = "Strict"
    /// The fields are dropped, and warnings say so.
    case warn = "Warn"
    /// The fields are dropped.
    case ignore = "Ignore"
}

/// An object of a request as its type knows it.
public struct ReceivedObject: Sendable {
    /// The object without the fields that its type does not have.
    public let object: JSONValue
    /// What to say in `Warning` headers.
    public let warnings: [String]
}

extension ObjectSchema {
    /// Decodes the object of a create or a replacement.
    ///
    /// - Parameters:
    ///   - duplicates: the paths of fields that the body has more than once, as `RequestJSON` finds them.
    /// - Throws: 400 when a value has the wrong kind (in Kubernetes' own types), or when there are unknown or duplicate fields
    ///   and validation is strict.
    public func receive(
        _ object: JSONValue,
        duplicates: [String] = [],
        validation: FieldValidation
    ) throws(APIStatus) -> ReceivedObject {
        if !isCustom, let problem = DecodingCheck.problem(in: object, root) { throw undecodable(problem) }
        let (known, problems) = known(object, duplicates)
        if validation == .strict, !problems.isEmpty {
            throw undecodable("strict decoding error: \(problems.joined(separator: ", "))")
        }
        return ReceivedObject(object: known, warnings: validation == .warn ? problems : [])
    }

    /// Decodes the object that a patch makes.
    ///
    /// - Parameters:
    ///   - patch: the patch's text, for the message.
    /// - Throws: 422 when there are unknown fields and validation is strict, else as for a create.
    public func receive(
        patched object: JSONValue,
        patch: String,
        duplicates: [String] = [],
        validation: FieldValidation
    ) throws(APIStatus) -> ReceivedObject {
        if !isCustom, let problem = DecodingCheck.problem(in: object, root) {
            throw APIStatus.badRequest(
                "unable to decode patched object: \(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): "
                    + problem
            )
        }
        let (known, problems) = known(object, duplicates)
        if validation == .strict, !problems.isEmpty {
            let name = object["metadata"]?["name"]?.stringValue ?? ""
            throw APIStatus.invalid(
                type,
                name,
                [
                    .invalid(
                        "patch",
                        .string(patch),
                        "strict decoding error: \(problems.joined(separator: ", "))"
                    )
                ]
            )
        }
        return ReceivedObject(object: known, warnings: validation == .warn ? problems : [])
    }

    private func known(_ object: JSONValue, _ duplicates: [String]) -> (JSONValue, [String]) {
        var pruning = FieldPruning(dropsNulls: !isCustom)
        let known = pruning.pruned(object, root, "")
        let problems =
            duplicates.map { "duplicate field \"\($0)\"" } + pruning.unknown.map { "unknown field \"\($0)\"" }
        return (known, problems)
    }

    private func undecodable(_ problem: String) -> APIStatus {
        .badRequest(
            "\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): \(problem)"
        )
    }

    /// The object without the fields that its type does not have.
    public func prune(_ object: JSONValue) -> JSONValue { known(object, []).0 }

    /// The paths of the fields that the object's type does not have.
    public func unknownFields(in object: JSONValue) -> [String] {
        var pruning = FieldPruning(dropsNulls: !isCustom)
        _ = pruning.pruned(object, root, "")
        return pruning.unknown
    }

    /// The object with the values that its type gives to absent fields.
    public func applyDefaults(_ object: JSONValue) -> JSONValue { FieldDefaults.filled(object, root) }

    /// What is wrong with the values of an object, for a 422 answer: required fields, kinds, allowed values, forms, ranges.
    ///
    /// The rules that Kubernetes' own types have beyond their schemas are not among these.
    public func validate(_ object: JSONValue) -> [APIStatus.Cause] {
        // Kubernetes' own types are checked by code, which never wants a field of the status.
        var check = ValueCheck(checksTypes: isCustom, lenient: isCustom ? [] : ["status", "metadata"])
        check.check(object, root, "")
        return check.causes
    }
}
