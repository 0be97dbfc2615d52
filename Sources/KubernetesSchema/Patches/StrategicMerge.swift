import JSON

/// Strategic merge patch, as apimachinery's `strategicpatch` applies it.
///
/// The directives: `$patch` (`replace`, `delete`, `merge`) in an object or in an element of a list, `$retainKeys` in an object,
/// `$deleteFromPrimitiveList/<field>` and `$setElementOrder/<field>` beside a list.
enum StrategicMerge {
    static let patch = "$patch"
    static let retainKeys = "$retainKeys"
    static let deleteFromList = "$deleteFromPrimitiveList/"
    static let elementOrder = "$setElementOrder/"

    static func merge(
        _ patch: JSONMembers,
        into original: JSONMembers,
        _ schema: SchemaCursor?
    ) throws(PatchError) -> JSONMembers {
        var patch = patch
        if let directive = patch[Self.patch] {
            patch[Self.patch] = nil
            switch directive.stringValue {
            case "replace": return withoutNulls(patch)
            case "delete": return JSONMembers()
            case "merge": break
            default: throw .malformed("unknown patch type: \(directive)")
            }
        }
        var result = original
        try applyRetainKeys(&patch, &result)
        let orders = try takeOrders(&patch)

        for change in patch {
            if change.key.hasPrefix(deleteFromList) {
                let field = String(change.key.dropFirst(deleteFromList.count))
                guard let removed = change.value.arrayValue else {
                    throw .malformed("\(change.key) must be a list, not \(change.value.kindDescription)")
                }
                if let present = result[field]?.arrayValue {
                    result[field] = .array(present.filter { !removed.contains($0) })
                }
            }
        }
        for change in patch where !change.key.hasPrefix(deleteFromList) {
            if change.value.isNull {
                result[change.key] = nil
                continue
            }
            result[change.key] = try merged(
                change.value,
                into: result[change.key],
                schema?.member(change.key),
                change.key
            )
        }
        for (field, order) in orders {
            guard let merged = result[field]?.arrayValue else { continue }
            let mergeKey = schema?.member(field)?.site.patchMergeKey
            if let changes = patch[field]?.arrayValue { try ElementOrder.check(changes, order, mergeKey) }
            result[field] = .array(
                ElementOrder(mergeKey: mergeKey).arranged(
                    merged,
                    by: order,
                    server: original[field]?.arrayValue ?? []
                )
            )
        }
        return result
    }

    /// One field's value after the patch.
    private static func merged(
        _ change: JSONValue,
        into present: JSONValue?,
        _ place: SchemaCursor?,
        _ field: String
    ) throws(PatchError) -> JSONValue {
        switch (change, present ?? .null) {
        case (.object(let changes), .object(let members)):
            if place?.site.patchStrategy.contains(.replace) == true {
                var changes = changes
                changes[patch] = nil
                return .object(changes)
            }
            return .object(try merge(changes, into: members, place))
        case (.object(let changes), _):
            return .object(try merge(changes, into: JSONMembers(), place))
        case (.array(let changes), let present):
            let elements = present.arrayValue ?? []
            if place?.site.patchStrategy.contains(.merge) == true {
                return .array(try mergeList(changes, into: elements, place, field))
            }
            return .array(changes.filter { $0[patch] == nil })
        default:
            return change
        }
    }

    private static func mergeList(
        _ changes: [JSONValue],
        into elements: [JSONValue],
        _ place: SchemaCursor?,
        _ field: String
    ) throws(PatchError) -> [JSONValue] {
        guard (changes + elements).contains(where: { $0.objectValue != nil }) else {
            var result = elements
            for change in changes where !result.contains(change) { result.append(change) }
            return ElementOrder(mergeKey: nil).arranged(result, by: changes, server: elements)
        }
        guard let mergeKey = place?.site.patchMergeKey else {
            throw .notApplicable("cannot merge lists without merge key for \(field)")
        }
        var result = elements
        var additions: [JSONMembers] = []
        var replaces = false
        for change in changes {
            guard case .object(var members) = change else {
                throw .malformed("every element of \(field) must be an object, not \(change.kindDescription)")
            }
            let directive = members[patch]
            members[patch] = nil
            switch directive?.stringValue {
            case nil:
                additions.append(members)
            case "replace":
                replaces = true
            case "delete":
                let key = try key(of: members, mergeKey)
                result.removeAll { $0[mergeKey]?.equalsInValue(key) == true }
            case "merge":
                throw .malformed("merging lists cannot yet be specified in the patch")
            default:
                throw .malformed("unknown patch type: \(directive ?? .null)")
            }
        }
        if replaces { return additions.map { .object(withoutNulls($0)) } }
        for addition in additions {
            let key = try key(of: addition, mergeKey)
            if let index = result.firstIndex(where: { $0[mergeKey]?.equalsInValue(key) == true }) {
                let present = result[index].objectValue ?? JSONMembers()
                result[index] = .object(try merge(addition, into: present, place?.items))
            } else {
                result.append(.object(try merge(addition, into: JSONMembers(), place?.items)))
            }
        }
        return ElementOrder(mergeKey: mergeKey)
            .arranged(result, by: additions.map(JSONValue.object), server: elements)
    }

    private static func key(of members: JSONMembers, _ mergeKey: String) throws(PatchError) -> JSONValue {
        guard let key = members[mergeKey] else {
            throw .notApplicable(
                "map: \(JSONValue.object(members)) does not contain declared merge key: \(mergeKey)"
            )
        }
        return key
    }

    /// Removes the fields that the patch does not list among those that stay.
    private static func applyRetainKeys(_ patch: inout JSONMembers, _ result: inout JSONMembers)
        throws(PatchError)
    {
        guard let directive = patch[retainKeys] else { return }
        patch[retainKeys] = nil
        guard let kept = directive.arrayValue?.compactMap(\.stringValue),
            kept.count == directive.arrayValue?.count
        else { throw .malformed("\(retainKeys) must be a list of keys") }
        for change in patch
        where !change.key.hasPrefix("$") && !change.value.isNull && !kept.contains(change.key) {
            throw .malformed("\(retainKeys) does not list \"\(change.key)\", which the patch sets")
        }
        for key in result.keys where !kept.contains(key) { result[key] = nil }
    }

    private static func takeOrders(_ patch: inout JSONMembers) throws(PatchError) -> [(String, [JSONValue])] {
        var orders: [(String, [JSONValue])] = []
        for key in patch.keys where key.hasPrefix(elementOrder) {
            guard let order = patch[key]?.arrayValue else { throw .malformed("\(key) must be a list") }
            orders.append((String(key.dropFirst(elementOrder.count)), order))
            patch[key] = nil
        }
        return orders
    }

    /// What a patch leaves behind where nothing was before: its values without those that remove.
    private static func withoutNulls(_ members: JSONMembers) -> JSONMembers {
        var result = JSONMembers()
        for member in members where !member.value.isNull {
            if case .object(let inner) = member.value {
                result[member.key] = .object(withoutNulls(inner))
            } else {
                result[member.key] = member.value
            }
        }
        return result
    }
}
