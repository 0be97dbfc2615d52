public import JSON

/// The bounds that OpenAPI lets a schema put on a value. Nil says nothing.
public struct ValueLimits: Sendable {
    /// The values that are allowed.
    public var allowedValues: [JSONValue]?
    /// The smallest number.
    public var minimum: Double?
    /// The largest number.
    public var maximum: Double?
    /// Whether `minimum` itself is too small.
    public var isMinimumExclusive = false
    /// Whether `maximum` itself is too large.
    public var isMaximumExclusive = false
    /// What a number must be a multiple of.
    public var multipleOf: Double?
    /// The least characters of a string.
    public var minLength: Int?
    /// The most characters of a string.
    public var maxLength: Int?
    /// The regular expression that must match somewhere in a string.
    public var pattern: SchemaPattern?
    /// The least elements of an array.
    public var minItems: Int?
    /// The most elements of an array.
    public var maxItems: Int?
    /// Whether no two elements of an array may be equal.
    public var hasUniqueItems = false
    /// The least members of an object.
    public var minProperties: Int?
    /// The most members of an object.
    public var maxProperties: Int?
    /// Schemas that must all hold.
    public var allOf: [StructuralSchema] = []
    /// Schemas of which one must hold.
    public var anyOf: [StructuralSchema] = []
    /// Schemas of which exactly one must hold.
    public var oneOf: [StructuralSchema] = []
    /// A schema that must not hold.
    public var not: StructuralSchema?

    /// No bounds.
    public init() {}
}
