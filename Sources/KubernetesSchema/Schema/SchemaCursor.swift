/// The types that schemas refer to by name.
public final class SchemaTypes: Sendable {
    private let schemas: [String: StructuralSchema]

    /// Types by their names.
    public init(_ schemas: [String: StructuralSchema] = [:]) {
        self.schemas = schemas
    }

    /// The type of that name.
    public subscript(name: String) -> StructuralSchema? { schemas[name] }

    /// All names, sorted.
    public var names: [String] { schemas.keys.sorted() }
}

/// A place in the description of a type, with references followed.
public struct SchemaCursor: Sendable {
    /// The node at the place: what it says about the field itself, such as its merge key and its default, holds there only.
    public let site: StructuralSchema
    /// The node that describes the value: the type that `site` refers to, or `site` itself. A reference to a type that is
    /// not known describes nothing.
    public let schema: StructuralSchema
    private let types: SchemaTypes

    /// The place of `site`.
    public init(_ site: StructuralSchema, _ types: SchemaTypes) {
        self.site = site
        self.types = types
        schema = site.reference.flatMap { types[$0] } ?? site
    }

    /// The place of a field or a member; nil when the schema says nothing about it.
    public func member(_ name: String) -> SchemaCursor? {
        (schema.property(name) ?? schema.additionalProperties).map { SchemaCursor($0, types) }
    }

    /// The place of the named field; nil when there is none.
    public func property(_ name: String) -> SchemaCursor? {
        schema.property(name).map { SchemaCursor($0, types) }
    }

    /// The place of an array's elements.
    public var items: SchemaCursor? { schema.items.map { SchemaCursor($0, types) } }

    /// The place of a node of the same description.
    public func at(_ node: StructuralSchema) -> SchemaCursor { SchemaCursor(node, types) }
}
