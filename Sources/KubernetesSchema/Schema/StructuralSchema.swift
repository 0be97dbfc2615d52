public import JSON

/// What a field of a Kubernetes object may hold: one node of the tree that describes a type.
///
/// The vocabulary is that of Kubernetes' structural schemas (OpenAPI v3 with the `x-kubernetes-` extensions). A node either
/// describes a value or refers by name to a type in `SchemaTypes`, so types may contain themselves.
public final class StructuralSchema: Sendable {
    /// The kinds of values in OpenAPI.
    public enum ValueType: String, Sendable, Hashable {
        /// An object.
        case object
        /// An array.
        case array
        /// A string.
        case string
        /// A number without a fraction.
        case integer
        /// Any number.
        case number
        /// `true` or `false`.
        case boolean
    }

    /// How the elements of a list are told apart when several parties write to it (`x-kubernetes-list-type`).
    public enum ListType: String, Sendable, Hashable {
        /// The list is one value.
        case atomic
        /// The elements are scalars, each of them once.
        case set
        /// The elements are objects, told apart by the values of some of their fields.
        case map
    }

    /// What a strategic merge patch does with a field (`x-kubernetes-patch-strategy`).
    public struct PatchStrategy: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: Int
        /// A strategy by its bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// The elements of the patch are merged into the list.
        public static let merge = PatchStrategy(rawValue: 1)
        /// The patch's object takes the place of the present one.
        public static let replace = PatchStrategy(rawValue: 2)
        /// The patch may list the keys that stay.
        public static let retainKeys = PatchStrategy(rawValue: 4)
    }

    /// A field of an object.
    public struct Property: Sendable {
        /// The field's key.
        public let name: String
        /// What it may hold.
        public let schema: StructuralSchema
    }

    /// The name of the type that this refers to; everything but the extensions of the place is then said there.
    public let reference: String?
    /// The kind of value; nil when any will do, or when `isIntOrString` or `isQuantity` says it.
    public let type: ValueType?
    /// The meaning of a string or number, such as `date-time`, `byte` or `int32`.
    public let format: String?
    /// What the field is for, for people.
    public let description: String?
    /// The value of a field that is absent.
    public let defaultValue: JSONValue?
    /// Whether the value may be `null`.
    public let isNullable: Bool
    /// Whether the value may be an integer or a string.
    public let isIntOrString: Bool
    /// Whether the value is an amount such as `500m`, written as a string or a number.
    public let isQuantity: Bool
    /// Whether the value is an object with `apiVersion`, `kind` and `metadata`.
    public let isEmbeddedResource: Bool
    /// Whether fields that are not named stay, with whatever they hold.
    public let preservesUnknownFields: Bool

    /// The fields of an object, in the order of their names.
    public let properties: [Property]
    /// The fields that must be there.
    public let required: [String]
    /// What a member of an object that is a map may hold.
    public let additionalProperties: StructuralSchema?
    /// Whether the object is one value when several parties write to it (`x-kubernetes-map-type: atomic`).
    public let isAtomicMap: Bool

    /// What an element of an array may hold.
    public let items: StructuralSchema?
    /// How the elements of an array are told apart; nil counts as atomic.
    public let listType: ListType?
    /// The fields that tell the elements of a list of type map apart.
    public let listMapKeys: [String]

    /// What a strategic merge patch does with this field.
    public let patchStrategy: PatchStrategy
    /// The field by which a strategic merge patch finds an element of a list.
    public let patchMergeKey: String?

    /// Whether the field is part of every object in the API server's memory, however empty, so that nobody adds it.
    public let isInline: Bool

    /// The bounds of the value; nil when there are none.
    public let limits: ValueLimits?

    private let places: [String: Int]

    /// A node. `properties` are put into the order of their names.
    public init(
        reference: String? = nil,
        type: ValueType? = nil,
        format: String? = nil,
        description: String? = nil,
        defaultValue: JSONValue? = nil,
        isNullable: Bool = false,
        isIntOrString: Bool = false,
        isQuantity: Bool = false,
        isEmbeddedResource: Bool = false,
        preservesUnknownFields: Bool = false,
        properties: [String: StructuralSchema] = [:],
        required: [String] = [],
        additionalProperties: StructuralSchema? = nil,
        isAtomicMap: Bool = false,
        items: StructuralSchema? = nil,
        listType: ListType? = nil,
        listMapKeys: [String] = [],
        patchStrategy: PatchStrategy = [],
        patchMergeKey: String? = nil,
        isInline: Bool = false,
        limits: ValueLimits? = nil
    ) {
        self.reference = reference
        self.type = type
        self.format = format
        self.description = description
        self.defaultValue = defaultValue
        self.isNullable = isNullable
        self.isIntOrString = isIntOrString
        self.isQuantity = isQuantity
        self.isEmbeddedResource = isEmbeddedResource
        self.preservesUnknownFields = preservesUnknownFields
        self.properties = properties.sorted { $0.key < $1.key }.map {
            Property(name: $0.key, schema: $0.value)
        }
        self.required = required
        self.additionalProperties = additionalProperties
        self.isAtomicMap = isAtomicMap
        self.items = items
        self.listType = listType
        self.listMapKeys = listMapKeys
        self.patchStrategy = patchStrategy
        self.patchMergeKey = patchMergeKey
        self.isInline = isInline
        self.limits = limits
        places = Dictionary(
            self.properties.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The field of that name; nil when there is none.
    public func property(_ name: String) -> StructuralSchema? {
        places[name].map { properties[$0].schema }
    }
}
