import JSON

/// What differs between two versions of an object, field by field.
struct FieldComparison {
    /// Fields that only the old one has.
    private(set) var removed = FieldSet()
    /// Fields with another value in the new one, and fields that only the new one has.
    private(set) var written = FieldSet()

    /// Compares two versions of an object.
    init(_ old: JSONValue, _ new: JSONValue, _ root: SchemaCursor) {
        var path: [FieldPathElement] = []
        compare(old, new, root, &path)
    }

    /// Takes fields, and all that is below them, out of account.
    func ignoring(_ fields: FieldSet) -> FieldComparison {
        var result = self
        result.removed = removed.subtractingTrees(fields)
        result.written = written.subtractingTrees(fields)
        return result
    }

    private mutating func compare(
        _ old: JSONValue?,
        _ new: JSONValue?,
        _ place: SchemaCursor?,
        _ path: inout [FieldPathElement]
    ) {
        if old == new { return }
        let type = Self.type(old, new, place)
        let areEmpty = (old?.isEmptyContainer ?? true) && (new?.isEmptyContainer ?? true)
        if case .leaf = type { return note(old, new, path) }
        if areEmpty { return note(old, new, path) }
        switch type {
        case .map: compareMembers(old, new, place, &path)
        case .keyedList, .set: compareElements(old, new, place, type, &path)
        case .leaf: break
        }
        // A container that comes or goes as a whole belongs to the change, too.
        if old == nil || new == nil { note(old, new, path) }
    }

    /// A change of a value's kind makes it a leaf.
    private static func type(_ old: JSONValue?, _ new: JSONValue?, _ place: SchemaCursor?) -> MergeType {
        switch (old, new) {
        case (.object?, .object?), (nil, .object?), (.null?, .object?), (.array?, .array?), (nil, .array?),
            (.null?, .array?):
            MergeType(new ?? .null, place)
        case (.object?, nil), (.object?, .null?), (.array?, nil), (.array?, .null?):
            MergeType(old ?? .null, place)
        default: .leaf
        }
    }

    private mutating func note(_ old: JSONValue?, _ new: JSONValue?, _ path: [FieldPathElement]) {
        if new == nil {
            removed.insert(path[...])
        } else {
            written.insert(path[...])
        }
    }

    private mutating func compareMembers(
        _ old: JSONValue?,
        _ new: JSONValue?,
        _ place: SchemaCursor?,
        _ path: inout [FieldPathElement]
    ) {
        let left = old?.objectValue
        let right = new?.objectValue
        func compareMember(_ key: String, _ comparison: inout FieldComparison) {
            let inner = place?.member(key)
            let absent: JSONValue? = inner?.site.isInline == true ? .null : nil
            let before = left?[key] ?? (old == nil ? nil : absent)
            let after = right?[key] ?? (new == nil ? nil : absent)
            if absent != nil, let before, let after, before.isEmptyContainer, after.isEmptyContainer {
                return
            }
            path.append(.field(key))
            comparison.compare(before, after, inner, &path)
            path.removeLast()
        }
        for member in right ?? JSONMembers() { compareMember(member.key, &self) }
        for member in left ?? JSONMembers() where right?[member.key] == nil {
            compareMember(member.key, &self)
        }
    }

    private mutating func compareElements(
        _ old: JSONValue?,
        _ new: JSONValue?,
        _ place: SchemaCursor?,
        _ type: MergeType,
        _ path: inout [FieldPathElement]
    ) {
        let left = Self.grouped(old, place, type)
        let right = Self.grouped(new, place, type)
        for identity in Set(left.keys).union(right.keys) {
            path.append(identity)
            defer { path.removeLast() }
            let before = left[identity] ?? []
            let after = right[identity] ?? []
            // Elements that cannot be told apart are one value.
            switch (before.count > 1, after.count > 1) {
            case (false, false): compare(before.first, after.first, place?.items, &path)
            case (true, true): if before != after { note(nil, .array(after), path) }
            case (false, true):
                if let only = before.first { compare(only, nil, place?.items, &path) }
                note(nil, .array(after), path)
            case (true, false):
                if let only = after.first { compare(nil, only, place?.items, &path) }
                note(.array(before), nil, path)
            }
        }
    }

    private static func grouped(
        _ list: JSONValue?,
        _ place: SchemaCursor?,
        _ type: MergeType
    ) -> [FieldPathElement: [JSONValue]] {
        let elements = list?.arrayValue ?? []
        let identities = place?.identities(of: elements, type) ?? elements.map { .value($0) }
        var groups: [FieldPathElement: [JSONValue]] = [:]
        for (identity, element) in zip(identities, elements) {
            // An element without its keys can be told from the others by its content only.
            groups[identity ?? .value(element), default: []].append(element)
        }
        return groups
    }
}

extension JSONValue {
    /// Whether this is an object or an array without anything in it, or null.
    var isEmptyContainer: Bool {
        switch self {
        case .null: true
        case .object(let members): members.isEmpty
        case .array(let elements): elements.isEmpty
        default: false
        }
    }
}
