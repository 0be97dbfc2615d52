import JSON
import KubernetesModel

/// What is wrong with a field, in the words of apimachinery's `field` errors.
extension APIStatus.Cause {
    static func required(_ field: String, _ why: String = "") -> APIStatus.Cause {
        .init(
            reason: "FieldValueRequired",
            message: why.isEmpty ? "Required value" : "Required value: \(why)",
            field: field
        )
    }

    static func invalid(_ field: String, _ value: JSONValue?, _ why: String) -> APIStatus.Cause {
        .init(
            reason: "FieldValueInvalid",
            message: "Invalid value: \(value ?? .null): \(why)",
            field: field
        )
    }

    static func unsupported(_ field: String, _ value: JSONValue?, _ supported: [String]) -> APIStatus.Cause {
        let list = supported.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
        return .init(
            reason: "FieldValueNotSupported",
            message: "Unsupported value: \(value ?? .null): supported values: \(list)",
            field: field
        )
    }

    static func duplicate(_ field: String, _ value: JSONValue?) -> APIStatus.Cause {
        .init(
            reason: "FieldValueDuplicate",
            message: "Duplicate value: \(value ?? .null)",
            field: field
        )
    }

    static func forbidden(_ field: String, _ why: String) -> APIStatus.Cause {
        .init(reason: "FieldValueForbidden", message: "Forbidden: \(why)", field: field)
    }

    /// Complaints about a field that must stay what it was.
    static func immutable(
        _ field: String,
        _ value: JSONValue?,
        _ present: JSONValue?
    ) -> [APIStatus.Cause] {
        TemplateDigest.normalized(value ?? .null) == TemplateDigest.normalized(present ?? .null)
            ? [] : [.invalid(field, value, "field is immutable")]
    }

    /// Complaints about a number that is below zero.
    static func negative(_ field: String, _ value: JSONValue?) -> [APIStatus.Cause] {
        (value?.integerValue ?? 0) < 0
            ? [.invalid(field, value, "must be greater than or equal to 0")] : []
    }
}

extension JSONValue {
    /// Sets a member that is absent or null.
    mutating func setDefault(_ key: String, _ value: JSONValue) {
        if self[key] == nil || self[key]?.isNull == true { self[key] = value }
    }
}
