import JSON

/// How a place is treated when several parties write to it.
enum MergeType {
    /// As one value.
    case leaf
    /// Field by field, or member by member.
    case map
    /// Element by element, told apart by these keys.
    case keyedList([String])
    /// Element by element, told apart by their values.
    case set

    /// The treatment of a value at a place. Where there is no description, or it says nothing, the value tells: objects are
    /// merged and lists are one value.
    init(_ value: JSONValue, _ place: SchemaCursor?) {
        switch value {
        case .object:
            self = place?.schema.isAtomicMap == true || place?.site.isAtomicMap == true ? .leaf : .map
        case .array:
            switch place?.schema.listType {
            case .map?: self = .keyedList(place?.schema.listMapKeys ?? [])
            case .set?: self = .set
            default: self = .leaf
            }
        default: self = .leaf
        }
    }
}

extension SchemaCursor {
    /// What tells an element of a list from the others; nil when a key is missing and has no default.
    func identity(of element: JSONValue, keys: [String]) -> FieldPathElement? {
        var fields: [FieldPathElement.KeyField] = []
        for key in keys.sorted() {
            guard let value = element[key] ?? items?.property(key)?.site.defaultValue else { continue }
            fields.append(.init(name: key, value: value))
        }
        return fields.isEmpty ? nil : .key(fields)
    }

    /// What tells the elements of a list from the others, by place: nil for one that lacks its keys.
    func identities(of elements: [JSONValue], _ type: MergeType) -> [FieldPathElement?] {
        switch type {
        case .keyedList(let keys): elements.map { identity(of: $0, keys: keys) }
        case .set: elements.map { .value($0) }
        case .leaf, .map: elements.indices.map { .index($0) }
        }
    }
}
