import JSON

/// Takes out of an object what its type does not have.
struct FieldPruning {
    /// The paths of what was taken out, such as `spec.containers[0].imagee`.
    private(set) var unknown: [String] = []
    /// Whether nulls are taken out, too: in Kubernetes' own types a null is the same as an absent field.
    let dropsNulls: Bool

    init(dropsNulls: Bool) {
        self.dropsNulls = dropsNulls
    }

    mutating func pruned(_ value: JSONValue, _ place: SchemaCursor, _ path: String) -> JSONValue {
        let schema = place.schema
        switch value {
        case .object(let members):
            var result = JSONMembers()
            for member in members {
                let isNamed = schema.property(member.key) != nil
                let inner =
                    isNamed || schema.additionalProperties == nil
                    ? ValueCheck.joined(path, member.key) : "\(path)[\(member.key)]"
                if let next = place.member(member.key) {
                    if dropsNulls, member.value.isNull { continue }
                    result[member.key] = pruned(member.value, next, inner)
                } else if schema.acceptsAnyMember {
                    result[member.key] = member.value
                } else if schema.isEmbeddedResource, ["apiVersion", "kind", "metadata"].contains(member.key) {
                    result[member.key] = member.value
                } else {
                    unknown.append(inner)
                }
            }
            return .object(result)
        case .array(let elements):
            guard let items = place.items else { return value }
            return .array(elements.enumerated().map { pruned($0.element, items, "\(path)[\($0.offset)]") })
        default:
            return value
        }
    }
}

/// Fills in what a type gives to fields that are absent.
enum FieldDefaults {
    static func filled(_ value: JSONValue, _ place: SchemaCursor) -> JSONValue {
        switch value {
        case .object(var members):
            for property in place.schema.properties {
                let inner = place.at(property.schema)
                if let present = members[property.name] {
                    let replacesNull = present.isNull && !inner.schema.isNullable && !inner.site.isNullable
                    if replacesNull, let value = property.schema.defaultValue {
                        members[property.name] = value
                    }
                } else if let value = property.schema.defaultValue {
                    members[property.name] = value
                }
            }
            for key in members.keys {
                guard let present = members[key], present.isContainer, let inner = place.member(key) else {
                    continue
                }
                let complete = filled(present, inner)
                if complete != present { members[key] = complete }
            }
            return .object(members)
        case .array(let elements):
            guard let items = place.items else { return value }
            return .array(elements.map { filled($0, items) })
        default:
            return value
        }
    }
}
