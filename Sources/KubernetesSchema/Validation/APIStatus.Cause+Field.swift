public import JSON
public import KubernetesModel

/// The causes of refused objects, in the words of apimachinery's `field` package, which clients print.
extension APIStatus.Cause {
    /// A field that must be there is not.
    public static func required(_ field: String, _ detail: String = "") -> Self {
        .init(reason: "FieldValueRequired", message: joined("Required value", detail), field: field)
    }

    /// A value breaks a rule.
    public static func invalid(_ field: String, _ value: JSONValue, _ detail: String) -> Self {
        .init(reason: "FieldValueInvalid", message: joined("Invalid value: \(value)", detail), field: field)
    }

    /// A value has the wrong kind or form.
    public static func typeInvalid(_ field: String, _ value: JSONValue, _ detail: String) -> Self {
        .init(
            reason: "FieldValueTypeInvalid",
            message: joined("Invalid value: \(value)", detail),
            field: field
        )
    }

    /// A value is not among the allowed ones.
    public static func notSupported(_ field: String, _ value: JSONValue, _ supported: [JSONValue]) -> Self {
        let list = supported.map { $0.stringValue == nil ? "\"\($0)\"" : $0.description }.joined(
            separator: ", "
        )
        return .init(
            reason: "FieldValueNotSupported",
            message: "Unsupported value: \(value): supported values: \(list)",
            field: field
        )
    }

    /// A field must not be set.
    public static func forbidden(_ field: String, _ detail: String) -> Self {
        .init(reason: "FieldValueForbidden", message: joined("Forbidden", detail), field: field)
    }

    /// An element of a list is there twice.
    public static func duplicate(_ field: String, _ value: JSONValue) -> Self {
        .init(reason: "FieldValueDuplicate", message: "Duplicate value: \(value)", field: field)
    }

    /// A text is too long.
    public static func tooLong(_ field: String, most: Int) -> Self {
        .init(
            reason: "FieldValueTooLong",
            message: "Too long: may not be more than \(most) bytes",
            field: field
        )
    }

    /// A list or map is too large.
    public static func tooMany(_ field: String, _ count: Int, most: Int) -> Self {
        .init(
            reason: "FieldValueTooMany",
            message: "Too many: \(count): must have at most \(most) items",
            field: field
        )
    }

    private static func joined(_ kind: String, _ detail: String) -> String {
        detail.isEmpty ? kind : "\(kind): \(detail)"
    }
}
