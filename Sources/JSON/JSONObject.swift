/// A type whose JSON is an object with the members that one table lists. Both its encoding and its schema come from
/// that table, so that a document made from the schema cannot disagree with what is sent.
///
///     struct Health: JSONObject {
///         var status: String
///         var note: String?
///
///         static let schemaName = "Health"
///         static let fields: [JSONField<Health>] = [
///             .init("status", "Whether the server can answer", example: "healthy") { $0.status },
///             .init("note", "What to know besides; left out when there is nothing") { $0.note },
///         ]
///     }
public protocol JSONObject: JSONEncodable {
    /// The name of the component in the OpenAPI document; unique among all types.
    static var schemaName: String { get }

    /// The members in the order in which they are written. Declare it as `static let`, so that it is made once.
    static var fields: [JSONField<Self>] { get }
}

extension JSONObject {
    /// An object with a property for each field.
    public static var jsonSchema: JSONSchema {
        .object(schemaName) { fields.map(\.property) }
    }

    /// Writes an object with the fields.
    @inlinable
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        for field in Self.fields { field.encode(self, &writer) }
        writer.endObject()
    }
}

/// One member of the JSON object that a `Root` is written as.
public struct JSONField<Root>: Sendable {
    /// The key.
    public let name: String

    private let isRequired: Bool
    private let description: String
    private let example: JSONValue?
    private let schema: @Sendable () -> JSONSchema

    /// Writes the member: key and value, or nothing.
    @usableFromInline
    let encode: @Sendable (Root, inout JSONWriter) -> Void

    @usableFromInline
    init(
        name: String,
        isRequired: Bool,
        description: String,
        example: JSONValue?,
        schema: @escaping @Sendable () -> JSONSchema,
        encode: @escaping @Sendable (Root, inout JSONWriter) -> Void
    ) {
        self.name = name
        self.isRequired = isRequired
        self.description = description
        self.example = example
        self.schema = schema
        self.encode = encode
    }

    /// A member that is always there.
    ///
    /// - Parameters:
    ///   - description: what the value means, for the reader of the document.
    ///   - example: a typical value.
    ///   - value: gives the value; a closure or a key path.
    @inlinable
    public init<Value: JSONEncodable>(
        _ name: String,
        _ description: String,
        example: JSONValue? = nil,
        value: @escaping @Sendable (Root) -> Value
    ) {
        let key = encodedJSONKey(name)
        self.init(
            name: name,
            isRequired: true,
            description: description,
            example: example,
            schema: { Value.jsonSchema },
            encode: { root, writer in
                writer.key(encoded: key)
                value(root).encode(to: &writer)
            }
        )
    }

    /// A member that is left out when its value is nil.
    @inlinable
    public init<Value: JSONEncodable>(
        _ name: String,
        _ description: String,
        example: JSONValue? = nil,
        value: @escaping @Sendable (Root) -> Value?
    ) {
        let key = encodedJSONKey(name)
        self.init(
            name: name,
            isRequired: false,
            description: description,
            example: example,
            schema: { Value.jsonSchema },
            encode: { root, writer in
                guard let value = value(root) else { return }
                writer.key(encoded: key)
                value.encode(to: &writer)
            }
        )
    }

    /// A member that is always there, `null` when its value is nil.
    @inlinable
    public static func nullable<Value: JSONEncodable>(
        _ name: String,
        _ description: String,
        example: JSONValue? = nil,
        value: @escaping @Sendable (Root) -> Value?
    ) -> JSONField {
        let key = encodedJSONKey(name)
        return JSONField(
            name: name,
            isRequired: true,
            description: description,
            example: example,
            schema: { .nullable(Value.jsonSchema) },
            encode: { root, writer in
                writer.key(encoded: key)
                value(root).encode(to: &writer)
            }
        )
    }

    /// This member with a schema that says more than the type of its value does, such as a range or a format. What
    /// is written stays as it is.
    public func schema(_ schema: @autoclosure @escaping @Sendable () -> JSONSchema) -> JSONField {
        JSONField(
            name: name,
            isRequired: isRequired,
            description: description,
            example: example,
            schema: schema,
            encode: encode
        )
    }

    /// The member as the schema shows it.
    public var property: JSONProperty {
        JSONProperty(name, description, schema(), isRequired: isRequired, example: example)
    }
}

/// The key as it stands in an object: escaped, quoted and followed by a colon.
@usableFromInline
func encodedJSONKey(_ name: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.key(name)
    return writer.take()
}
