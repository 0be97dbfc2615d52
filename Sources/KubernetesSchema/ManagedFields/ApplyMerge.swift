import JSON

/// Puts an applied configuration over an object: what both have, the configuration decides; nothing is removed.
enum ApplyMerge {
    static func merged(_ live: JSONValue?, _ configuration: JSONValue, _ place: SchemaCursor?) -> JSONValue {
        switch (MergeType(configuration, place), live ?? .null, configuration) {
        case (.map, let live, .object(let wanted)):
            var result = live.objectValue ?? JSONMembers()
            for member in wanted {
                let inner = place?.member(member.key)
                if member.value.isNull, inner.map({ !$0.takesNull }) ?? false {
                    // A null takes a scalar away, and of a container it says nothing.
                    if result[member.key]?.isContainer != true { result[member.key] = nil }
                } else {
                    result[member.key] = merged(result[member.key], member.value, inner)
                }
            }
            return .object(result)
        case (.keyedList, .array(let present), .array(let wanted)),
            (.set, .array(let present), .array(let wanted)):
            return .array(merged(present, wanted, place, MergeType(configuration, place)))
        case (.keyedList, _, .array(let wanted)):
            return .array(wanted.map { merged(nil, $0, place?.items) })
        default:
            return configuration
        }
    }

    /// The elements of both lists: those of the configuration in its order, the others where they were among those.
    private static func merged(
        _ present: [JSONValue],
        _ wanted: [JSONValue],
        _ place: SchemaCursor?,
        _ type: MergeType
    ) -> [JSONValue] {
        func identities(_ elements: [JSONValue]) -> [FieldPathElement] {
            zip(place?.identities(of: elements, type) ?? [], elements).map { $0 ?? .value($1) }
        }
        let presentIdentities = identities(present)
        let wantedIdentities = identities(wanted)
        let isWanted = Set(wantedIdentities)
        let byIdentity = Dictionary(zip(presentIdentities, present), uniquingKeysWith: { first, _ in first })
        var shared = wantedIdentities.filter { byIdentity[$0] != nil }[...]
        var result: [JSONValue] = []
        var index = 0
        for (element, identity) in zip(wanted, wantedIdentities) {
            while index < present.count, presentIdentities[index] != shared.first {
                if !isWanted.contains(presentIdentities[index]) { result.append(present[index]) }
                index += 1
            }
            if identity == shared.first {
                shared.removeFirst()
                if index < present.count { index += 1 }
            }
            result.append(merged(byIdentity[identity], element, place?.items))
        }
        for rest in index..<max(index, present.count) where !isWanted.contains(presentIdentities[rest]) {
            result.append(present[rest])
        }
        return result
    }
}

extension SchemaCursor {
    /// Whether the value may be null, or whatever else.
    fileprivate var takesNull: Bool {
        schema.isNullable || site.isNullable
            || (schema.type == nil && !schema.isIntOrString && !schema.isQuantity)
    }
}

extension JSONValue {
    /// Whether this is an object or an array.
    var isContainer: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }
}
