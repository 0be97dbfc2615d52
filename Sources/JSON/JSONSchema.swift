/// A JSON Schema (draft 2020-12) as far as OpenAPI 3.1 documents of this program use it.
///
/// It describes what a ``JSONEncodable`` type writes, or what a request must hold.
public struct JSONSchema: Sendable {
    /// What values are allowed.
    public indirect enum Kind: Sendable {
        /// Every value.
        case any
        /// Only `null`.
        case null
        /// `true` and `false`.
        case boolean
        /// Whole numbers; `format` such as `int32`, `int64`. The bounds belong to the range.
        case integer(format: String?, minimum: Int64?, maximum: Int64?)
        /// Numbers. The bounds belong to the range.
        case number(minimum: Double?, maximum: Double?)
        /// Strings; `format` such as `date-time`, `uri`; `pattern` is a regular expression of ECMA-262; lengths are
        /// in characters.
        case string(format: String?, pattern: String?, minimumLength: Int?, maximumLength: Int?)
        /// One of these strings.
        case enumeration([String])
        /// Exactly this value.
        case constant(JSONValue)
        /// Arrays of such elements; the bounds are counts of elements.
        case array(of: JSONSchema, minimumCount: Int?, maximumCount: Int?)
        /// Objects with any keys and such values.
        case map(of: JSONSchema)
        /// Objects with these properties.
        case object(JSONObjectSchema)
        /// `null` besides what the schema allows.
        case nullable(JSONSchema)
        /// What at least one of the schemas allows.
        case anyOf([JSONSchema])
    }

    /// What values are allowed.
    public var kind: Kind
    /// What a value means, for the reader of the document.
    public var description: String?
    /// A typical value.
    public var example: JSONValue?

    /// A schema.
    public init(_ kind: Kind, description: String? = nil, example: JSONValue? = nil) {
        self.kind = kind
        self.description = description
        self.example = example
    }

    /// This schema with another description or example; what is nil stays.
    public func documented(_ description: String? = nil, example: JSONValue? = nil) -> JSONSchema {
        JSONSchema(kind, description: description ?? self.description, example: example ?? self.example)
    }
}

extension JSONSchema {
    /// Every value.
    public static var any: JSONSchema { JSONSchema(.any) }
    /// Only `null`.
    public static var null: JSONSchema { JSONSchema(.null) }
    /// `true` and `false`.
    public static var boolean: JSONSchema { JSONSchema(.boolean) }
    /// Every string.
    public static var string: JSONSchema { string() }
    /// Every whole number.
    public static var integer: JSONSchema { integer() }
    /// Every number.
    public static var number: JSONSchema { number() }

    /// Whole numbers from `minimum` to `maximum`.
    public static func integer(
        format: String? = nil,
        minimum: Int64? = nil,
        maximum: Int64? = nil
    ) -> JSONSchema {
        JSONSchema(.integer(format: format, minimum: minimum, maximum: maximum))
    }

    /// Numbers from `minimum` to `maximum`.
    public static func number(minimum: Double? = nil, maximum: Double? = nil) -> JSONSchema {
        JSONSchema(.number(minimum: minimum, maximum: maximum))
    }

    /// Strings of that form; see ``Kind/string(format:pattern:minimumLength:maximumLength:)``.
    public static func string(
        format: String? = nil,
        pattern: String? = nil,
        minimumLength: Int? = nil,
        maximumLength: Int? = nil
    ) -> JSONSchema {
        JSONSchema(
            .string(
                format: format,
                pattern: pattern,
                minimumLength: minimumLength,
                maximumLength: maximumLength
            )
        )
    }

    /// One of these strings.
    public static func enumeration(_ values: [String]) -> JSONSchema { JSONSchema(.enumeration(values)) }

    /// Exactly this value.
    public static func constant(_ value: JSONValue) -> JSONSchema { JSONSchema(.constant(value)) }

    /// Arrays of such elements.
    public static func array(
        of element: JSONSchema,
        minimumCount: Int? = nil,
        maximumCount: Int? = nil
    ) -> JSONSchema {
        JSONSchema(.array(of: element, minimumCount: minimumCount, maximumCount: maximumCount))
    }

    /// Objects with any keys and such values.
    public static func map(of value: JSONSchema) -> JSONSchema { JSONSchema(.map(of: value)) }

    /// `null` besides what `schema` allows.
    public static func nullable(_ schema: JSONSchema) -> JSONSchema { JSONSchema(.nullable(schema)) }

    /// What at least one of the schemas allows.
    public static func anyOf(_ schemas: [JSONSchema]) -> JSONSchema { JSONSchema(.anyOf(schemas)) }

    /// Objects with these properties. With a name it is a component of the document, written once and referred to.
    public static func object(
        _ name: String? = nil,
        additionalProperties: JSONObjectSchema.AdditionalProperties = .unspecified,
        properties: @escaping @Sendable () -> [JSONProperty]
    ) -> JSONSchema {
        JSONSchema(
            .object(
                JSONObjectSchema(
                    name: name,
                    additionalProperties: additionalProperties,
                    properties: properties
                )
            )
        )
    }
}

/// Objects with known properties.
public struct JSONObjectSchema: Sendable {
    /// What holds for properties that are not listed.
    public enum AdditionalProperties: Sendable {
        /// Nothing is said about them.
        case unspecified
        /// There are none.
        case refused
        /// They are like this.
        case allowed(JSONSchema)
    }

    /// The name of the component in the document; nil writes the object where it is used.
    public let name: String?
    /// What holds for properties that are not listed.
    public let additionalProperties: AdditionalProperties
    /// Makes the properties, in order. A function, so that a named object may hold itself.
    public let properties: @Sendable () -> [JSONProperty]

    /// A description of objects.
    public init(
        name: String?,
        additionalProperties: AdditionalProperties = .unspecified,
        properties: @escaping @Sendable () -> [JSONProperty]
    ) {
        self.name = name
        self.additionalProperties = additionalProperties
        self.properties = properties
    }
}

/// A property of an object.
public struct JSONProperty: Sendable {
    /// The key.
    public let name: String
    /// Whether it is always there.
    public let isRequired: Bool
    /// What its value is, with the description and example of the property.
    public let schema: JSONSchema

    /// A property; description and example go before those of the schema.
    public init(
        _ name: String,
        _ description: String? = nil,
        _ schema: JSONSchema,
        isRequired: Bool = true,
        example: JSONValue? = nil
    ) {
        self.name = name
        self.isRequired = isRequired
        self.schema = schema.documented(description, example: example)
    }
}
