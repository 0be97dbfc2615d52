import JSON

/// The fields of a configuration, and what does not fit its type.
struct AppliedConfiguration {
    private(set) var fields = FieldSet()
    private(set) var problems: [String] = []

    /// Reads which fields a configuration has.
    init(_ configuration: JSONValue, _ root: SchemaCursor) {
        var path: [FieldPathElement] = []
        visit(configuration, root, &path)
    }

    private mutating func visit(_ value: JSONValue, _ place: SchemaCursor?, _ path: inout [FieldPathElement])
    {
        if let expected = place.flatMap({ Self.mismatch(value, $0) }) {
            problems.append("\(FieldPath(path)): \(expected)")
            return
        }
        switch (MergeType(value, place), value) {
        case (.map, .object(let members)):
            for member in members {
                let inner = place?.member(member.key)
                path.append(.field(member.key))
                if inner == nil, let place, !place.schema.acceptsAnyMember {
                    problems.append("\(FieldPath(path)): field not declared in schema")
                } else {
                    visit(member.value, inner, &path)
                    let isNamed = place?.property(member.key) != nil
                    if !isNamed || member.value.isNull || member.value.objectValue?.isEmpty == true {
                        fields.insert(path[...])
                    }
                }
                path.removeLast()
            }
        case (.keyedList, .array(let elements)), (.set, .array(let elements)):
            visitElements(elements, place, MergeType(value, place), &path)
        default:
            fields.insert(path[...])
        }
    }

    private mutating func visitElements(
        _ elements: [JSONValue],
        _ place: SchemaCursor?,
        _ type: MergeType,
        _ path: inout [FieldPathElement]
    ) {
        var seen: Set<FieldPathElement> = []
        for (index, identity) in (place?.identities(of: elements, type) ?? []).enumerated() {
            guard let identity else {
                let keys = place?.schema.listMapKeys ?? []
                let missing = keys.map { "\"\($0)\"" }.joined(separator: ", ")
                problems.append(
                    "\(FieldPath(path)): element \(index): associative list with keys has an element that omits key field "
                        + "\(missing) (and doesn't have default value)"
                )
                continue
            }
            guard seen.insert(identity).inserted else {
                problems.append("\(FieldPath(path)): duplicate entries for key \(identity)")
                continue
            }
            path.append(identity)
            visit(elements[index], place?.items, &path)
            fields.insert(path[...])
            path.removeLast()
        }
    }

    /// What the place wants instead of the value, in upstream's words; nil when the value's kind fits.
    private static func mismatch(_ value: JSONValue, _ place: SchemaCursor) -> String? {
        let schema = place.schema
        if value.isNull || schema.isIntOrString || schema.isQuantity { return nil }
        let found =
            switch value {
            case .object: "map"
            case .array: "list"
            case .string: "string"
            case .bool: "boolean"
            case .integer, .number: "number"
            case .null: "null"
            }
        switch (schema.type, value) {
        case (.object?, .object), (.array?, .array), (.string?, .string), (.boolean?, .bool), (nil, _),
            (.integer?, .integer), (.integer?, .number), (.number?, .integer), (.number?, .number):
            return nil
        case (.object?, _): return "expected map, got \(found) \(value)"
        case (.array?, _): return "expected list, got \(found) \(value)"
        case (.string?, _): return "expected string, got \(found) \(value)"
        case (.boolean?, _): return "expected boolean, got \(found) \(value)"
        case (.integer?, _), (.number?, _): return "expected numeric (int or float), got \(found) \(value)"
        }
    }
}

extension StructuralSchema {
    /// Whether an object may have members that the schema does not name: it keeps what it does not know, or says nothing about
    /// its kind.
    var acceptsAnyMember: Bool {
        preservesUnknownFields || additionalProperties != nil || (type == nil && properties.isEmpty)
    }
}
