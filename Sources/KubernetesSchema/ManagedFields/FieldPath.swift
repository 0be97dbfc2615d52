public import JSON

/// One step on the way to a field.
public enum FieldPathElement: Sendable, Hashable {
    /// A field of an object or a member of a map.
    case field(String)
    /// An element of a list of type map, by the values of its keys, which are in the order of their names.
    case key([KeyField])
    /// An element of a list of type set.
    case value(JSONValue)
    /// An element of a list by its place.
    case index(Int)

    /// A field whose value tells an element of a list from the others.
    public struct KeyField: Sendable, Hashable {
        /// The field.
        public let name: String
        /// Its value.
        public let value: JSONValue

        /// A key and its value.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension FieldPathElement: CustomStringConvertible {
    /// As the API server writes it in messages: `.spec`, `[name="web"]`, `[="a"]`, `[3]`.
    public var description: String {
        switch self {
        case .field(let name): ".\(name)"
        case .key(let fields): "[\(fields.map { "\($0.name)=\($0.value)" }.joined(separator: ","))]"
        case .value(let value): "[=\(value)]"
        case .index(let index): "[\(index)]"
        }
    }
}

extension FieldPathElement: Comparable {
    /// Fields come before keys, keys before values and values before places; the same kinds are in the order of their content.
    public static func < (left: FieldPathElement, right: FieldPathElement) -> Bool {
        switch (left, right) {
        case (.field(let left), .field(let right)): left < right
        case (.key(let left), .key(let right)):
            left.lexicographicallyPrecedes(right) {
                $0.name == $1.name ? $0.value.precedes($1.value) : $0.name < $1.name
            }
        case (.value(let left), .value(let right)): left.precedes(right)
        case (.index(let left), .index(let right)): left < right
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }
}

extension JSONValue {
    /// An order of scalars: numbers by size, then strings; anything else by its text.
    fileprivate func precedes(_ other: JSONValue) -> Bool {
        if let left = doubleValue, let right = other.doubleValue { return left < right }
        if let left = stringValue, let right = other.stringValue { return left < right }
        if doubleValue != nil { return true }
        if other.doubleValue != nil { return false }
        return description < other.description
    }
}

/// The way to a field from the root of an object.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    /// The steps.
    public var elements: [FieldPathElement]

    /// A path of those steps.
    public init(_ elements: [FieldPathElement] = []) {
        self.elements = elements
    }

    /// As the API server writes it in messages: `.spec.template.spec.containers[name="web"].image`.
    public var description: String { elements.map(\.description).joined() }
}
