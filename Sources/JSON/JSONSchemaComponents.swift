/// The named objects that the schemas of a document reach: what its `components.schemas` must hold.
public struct JSONSchemaComponents: Sendable {
    private var definitions: [String: [UInt8]] = [:]

    /// The names that two different objects lay claim to. A document with any of them is wrong.
    public private(set) var conflicts: Set<String> = []

    /// No objects.
    public init() {}

    /// The names of the objects, sorted.
    public var names: [String] { definitions.keys.sorted() }

    /// Adds every named object that the schema reaches. An object that holds itself must be named.
    public mutating func add(_ schema: JSONSchema) {
        switch schema.kind {
        case .array(let element, _, _): add(element)
        case .map(let value): add(value)
        case .nullable(let wrapped): add(wrapped)
        case .anyOf(let schemas): for schema in schemas { add(schema) }
        case .object(let object): add(object)
        case .any, .null, .boolean, .integer, .number, .string, .enumeration, .constant: break
        }
    }

    private mutating func add(_ object: JSONObjectSchema) {
        if let name = object.name {
            var writer = JSONWriter()
            writer.beginObject()
            object.writeMembers(to: &writer, orNull: false)
            writer.endObject()
            if let known = definitions[name] {
                if known != writer.bytes { conflicts.insert(name) }
                return
            }
            definitions[name] = writer.bytes
        }
        for property in object.properties() { add(property.schema) }
        if case .allowed(let schema) = object.additionalProperties { add(schema) }
    }

    /// Writes one object with a member for each named object, sorted by name.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, definition) in definitions.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.raw(definition)
        }
        writer.endObject()
    }
}
