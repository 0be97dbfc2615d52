import JSON

extension FieldSet {
    /// The set with the named fields on the way to its fields: who owns `.spec.replicas` also has `.spec`. Members of maps and
    /// elements of lists are not added.
    func withNamedAncestors(_ place: SchemaCursor?) -> FieldSet {
        var result = self
        for (element, child) in children {
            var inner: SchemaCursor?
            if case .field(let name) = element {
                inner = place?.member(name)
                if place?.property(name) != nil { result.members.insert(element) }
            } else {
                inner = place?.items
            }
            result.children[element] = child.withNamedAncestors(inner)
        }
        return result
    }
}

/// Takes fields out of an object.
enum FieldRemoval {
    /// The value without the fields of the set; nil when nothing is left of a container that lost some.
    static func removing(_ fields: FieldSet, from value: JSONValue, _ place: SchemaCursor?) -> JSONValue? {
        if fields.isEmpty { return value }
        switch (MergeType(value, place), value) {
        case (.map, .object(let members)):
            var result = members
            for element in fields.elements {
                guard case .field(let name) = element, let present = members[name] else { continue }
                result[name] =
                    fields.members.contains(element)
                    ? nil : removing(fields.below(element), from: present, place?.member(name))
            }
            return result.isEmpty && !members.isEmpty ? nil : .object(result)
        case (.keyedList, .array(let elements)), (.set, .array(let elements)):
            let identities = place?.identities(of: elements, MergeType(value, place)) ?? []
            let result = zip(elements, identities).compactMap { element, identity -> JSONValue? in
                guard let identity else { return element }
                if fields.members.contains(identity) { return nil }
                return removing(fields.below(identity), from: element, place?.items)
            }
            return result.isEmpty && !elements.isEmpty ? nil : .array(result)
        default:
            return value
        }
    }
}
