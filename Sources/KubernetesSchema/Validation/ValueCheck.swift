import JSON
import KubernetesModel

/// Checks values against schemas and words what is wrong as the API server does for custom resources.
struct ValueCheck {
    /// What is wrong.
    private(set) var causes: [APIStatus.Cause] = []
    /// Whether kinds of values are checked: those of Kubernetes' own types are when they are decoded.
    let checksTypes: Bool
    /// Fields below which required fields may be absent.
    let lenient: Set<String>

    init(checksTypes: Bool, lenient: Set<String> = []) {
        self.checksTypes = checksTypes
        self.lenient = lenient
    }

    mutating func check(_ value: JSONValue, _ place: SchemaCursor, _ path: String, isLenient: Bool = false) {
        let schema = place.schema
        if value.isNull {
            if checksTypes, !schema.isNullable, !place.site.isNullable,
                schema.type != nil || schema.isIntOrString
            {
                noteType(path, "null", schema)
            }
            return
        }
        if checksTypes, let kind = Self.mismatch(value, schema) { return noteType(path, kind, schema) }
        if let format = schema.format, let text = value.stringValue, checksTypes,
            !ValueFormat.isValid(text, as: format)
        {
            causes.append(.typeInvalid(path, value, "\(path) in body must be of type \(format): \(value)"))
        }
        for limits in [schema.limits, place.site === schema ? nil : place.site.limits] {
            if let limits { check(value, limits, place, path) }
        }
        switch value {
        case .object(let members): checkMembers(members, place, path, isLenient)
        case .array(let elements): checkElements(elements, place, path, isLenient)
        default: break
        }
    }

    private mutating func noteType(_ path: String, _ kind: String, _ schema: StructuralSchema) {
        let wanted = schema.isIntOrString ? "integer,string" : schema.type?.rawValue ?? "object"
        causes.append(
            .typeInvalid(
                path,
                .string(kind),
                "\(path) in body must be of type \(wanted): \"\(kind)\""
            )
        )
    }

    /// The name of the value's kind when it is not the schema's; nil when it fits.
    private static func mismatch(_ value: JSONValue, _ schema: StructuralSchema) -> String? {
        let kind = value.openAPIKind
        if schema.isIntOrString { return kind == "integer" || kind == "string" ? nil : kind }
        if schema.isQuantity { return kind == "string" || kind == "integer" || kind == "number" ? nil : kind }
        guard let type = schema.type else { return nil }
        if type.rawValue == kind || (type == .number && kind == "integer") { return nil }
        // A number such as 3.0 is an integer, too.
        if type == .integer, kind == "number", value.integerValue != nil { return nil }
        return kind
    }

    private mutating func checkMembers(
        _ members: JSONMembers,
        _ place: SchemaCursor,
        _ path: String,
        _ isLenient: Bool
    ) {
        let schema = place.schema
        if !isLenient {
            for name in schema.required where !isThere(members[name], name) {
                causes.append(.required(Self.joined(path, name)))
            }
        }
        for member in members {
            if let inner = place.property(member.key) {
                let innerPath = Self.joined(path, member.key)
                check(member.value, inner, innerPath, isLenient: isLenient || lenient.contains(innerPath))
            } else if let inner = place.member(member.key) {
                check(member.value, inner, "\(path)[\(member.key)]", isLenient: isLenient)
            }
        }
    }

    /// Fields of Kubernetes' own types that must not only be there but also hold something.
    private static let neverEmpty: Set<String> = [
        "containers", "effect", "key", "kind", "mountPath", "name", "path", "template", "topologyKey",
        "verbs",
    ]

    private func isThere(_ value: JSONValue?, _ name: String) -> Bool {
        guard let value else { return false }
        if checksTypes { return true }
        return !value.isNull && !(Self.neverEmpty.contains(name) && (value == "" || value == []))
    }

    private mutating func checkElements(
        _ elements: [JSONValue],
        _ place: SchemaCursor,
        _ path: String,
        _ isLenient: Bool
    ) {
        if let items = place.items {
            for (index, element) in elements.enumerated() {
                check(element, items, "\(path)[\(index)]", isLenient: isLenient)
            }
        }
        guard checksTypes, let listType = place.schema.listType, listType != .atomic else { return }
        let type = listType == .set ? MergeType.set : .keyedList(place.schema.listMapKeys)
        var seen: Set<FieldPathElement> = []
        for (index, identity) in place.identities(of: elements, type).enumerated() {
            guard let identity, !seen.insert(identity).inserted else { continue }
            switch identity {
            case .key(let fields):
                var keys = JSONMembers()
                for field in fields { keys[field.name] = field.value }
                causes.append(.duplicate("\(path)[\(index)]", .object(keys)))
            default: causes.append(.duplicate("\(path)[\(index)]", elements[index]))
            }
        }
    }

    static func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    // MARK: Limits

    private mutating func check(
        _ value: JSONValue,
        _ limits: ValueLimits,
        _ place: SchemaCursor,
        _ path: String
    ) {
        // In Go an empty string is the same as an absent one.
        let isAbsent = !checksTypes && value == ""
        if let allowed = limits.allowedValues, !isAbsent,
            !allowed.contains(where: { $0.equalsInValue(value) })
        {
            causes.append(.notSupported(path, value, allowed))
        }
        if let number = value.doubleValue {
            if checksTypes {
                checkNumber(value, number, limits, path)
            } else {
                checkBuiltinNumber(value, number, limits, path)
            }
        }
        if let text = value.stringValue { checkText(text, limits, path) }
        if let elements = value.arrayValue { checkCount(of: elements, limits, path) }
        if let members = value.objectValue {
            if let most = limits.maxProperties, members.count > most {
                causes.append(.tooMany(path, members.count, most: most))
            }
            if let least = limits.minProperties, members.count < least {
                note(path, .integer(Int64(members.count)), "should have at least \(least) properties")
            }
        }
        checkAlternatives(value, limits, place, path)
    }

    private mutating func note(_ path: String, _ value: JSONValue, _ rule: String) {
        causes.append(.invalid(path, value, "\(path) in body \(rule)"))
    }

    private mutating func checkNumber(
        _ value: JSONValue,
        _ number: Double,
        _ limits: ValueLimits,
        _ path: String
    ) {
        if let least = limits.minimum {
            if limits.isMinimumExclusive ? number <= least : number < least {
                let relation = limits.isMinimumExclusive ? "greater than" : "greater than or equal to"
                note(path, value, "should be \(relation) \(least.shortText)")
            }
        }
        if let most = limits.maximum {
            if limits.isMaximumExclusive ? number >= most : number > most {
                let relation = limits.isMaximumExclusive ? "less than" : "less than or equal to"
                note(path, value, "should be \(relation) \(most.shortText)")
            }
        }
        if let step = limits.multipleOf, step > 0 {
            let quotient = number / step
            if quotient != quotient.rounded() {
                note(path, value, "should be a multiple of \(step.shortText)")
            }
        }
    }

    /// The same in the words of the code that checks Kubernetes' own types.
    private mutating func checkBuiltinNumber(
        _ value: JSONValue,
        _ number: Double,
        _ limits: ValueLimits,
        _ path: String
    ) {
        let (least, most) = (limits.minimum ?? -.infinity, limits.maximum ?? .infinity)
        guard number < least || number > most else { return }
        let rule =
            limits.maximum == nil
            ? "must be greater than or equal to \(least.shortText)"
            : "must be between \(least.shortText) and \(most.shortText), inclusive"
        causes.append(.invalid(path, value, rule))
    }

    private mutating func checkText(_ text: String, _ limits: ValueLimits, _ path: String) {
        let count = text.unicodeScalars.count
        if let most = limits.maxLength, count > most { causes.append(.tooLong(path, most: most)) }
        if let least = limits.minLength, count < least {
            note(path, .string(text), "should be at least \(least) chars long")
        }
        if let pattern = limits.pattern, !pattern.matches(text) {
            note(path, .string(text), "should match '\(pattern.text)'")
        }
    }

    private mutating func checkCount(of elements: [JSONValue], _ limits: ValueLimits, _ path: String) {
        if let most = limits.maxItems, elements.count > most {
            causes.append(.tooMany(path, elements.count, most: most))
        }
        if let least = limits.minItems, elements.count < least {
            note(path, .integer(Int64(elements.count)), "should have at least \(least) items")
        }
        if limits.hasUniqueItems, Set(elements).count < elements.count {
            note(path, .array(elements), "shouldn't contain duplicates")
        }
    }

    private mutating func checkAlternatives(
        _ value: JSONValue,
        _ limits: ValueLimits,
        _ place: SchemaCursor,
        _ path: String
    ) {
        func holds(_ schema: StructuralSchema) -> Bool {
            var inner = ValueCheck(checksTypes: checksTypes)
            inner.check(value, place.at(schema), path)
            return inner.causes.isEmpty
        }
        func fail(_ rule: String) {
            // Upstream knows no field for these.
            causes.append(.invalid("<nil>", "", "\"\(path)\" must \(rule)"))
        }
        if !limits.allOf.allSatisfy(holds) {
            for schema in limits.allOf {
                var inner = ValueCheck(checksTypes: checksTypes)
                inner.check(value, place.at(schema), path)
                causes += inner.causes
            }
            fail("validate all the schemas (allOf)")
        }
        if !limits.anyOf.isEmpty, !limits.anyOf.contains(where: holds) {
            fail("validate at least one schema (anyOf)")
        }
        if !limits.oneOf.isEmpty {
            let count = limits.oneOf.count(where: holds)
            if count != 1 {
                let found = count == 0 ? "Found none valid" : "Found \(count) valid alternatives"
                fail("validate one and only one schema (oneOf). \(found)")
            }
        }
        if let not = limits.not, holds(not) { fail("not validate the schema (not)") }
    }
}

extension JSONValue {
    /// The name of the value's kind in OpenAPI.
    var openAPIKind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension Double {
    /// Without a fraction when there is none.
    var shortText: String { Int64(exactly: self).map(String.init) ?? description }
}
