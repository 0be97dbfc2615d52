import JSON
import KubernetesModel

/// Finds the first value of an object of one of Kubernetes' own types that an API server, written in Go, could not decode, and
/// words it as that does.
struct DecodingCheck {
    private var path: [String] = []

    /// What is wrong with the object; nil when nothing is.
    static func problem(in object: JSONValue, _ root: SchemaCursor) -> String? {
        var check = DecodingCheck()
        return check.problem(object, root, owner: "")
    }

    /// - Parameter owner: the Go type that the field belongs to.
    private mutating func problem(_ value: JSONValue, _ place: SchemaCursor, owner: String) -> String? {
        let schema = place.schema
        if value.isNull { return nil }
        if let problem = scalarProblem(value, schema, owner) { return problem }
        if let problem = kindProblem(value, place, owner) { return problem }
        switch value {
        case .object(let members):
            let type = place.site.reference.map(Self.shortName) ?? owner
            for member in members {
                guard let inner = place.member(member.key) else { continue }
                // The keys of maps are no part of Go's path.
                let isField = place.property(member.key) != nil
                if isField { path.append(member.key) }
                defer { if isField { path.removeLast() } }
                if let problem = problem(member.value, inner, owner: type) { return problem }
            }
        case .array(let elements):
            guard let items = place.items else { return nil }
            for element in elements {
                if let problem = problem(element, items, owner: owner) { return problem }
            }
        default: break
        }
        return nil
    }

    private func kindProblem(_ value: JSONValue, _ place: SchemaCursor, _ owner: String) -> String? {
        let schema = place.schema
        if schema.isQuantity || schema.isIntOrString { return nil }
        let found: String
        switch (schema.type, value) {
        case (nil, _), (.object?, .object), (.array?, .array), (.string?, .string), (.boolean?, .bool),
            (.integer?, .integer), (.number?, .integer), (.number?, .number):
            return rangeProblem(value, place, owner)
        case (.integer?, .number(let number)): found = "number \(number.shortText)"
        case (_, .object): found = "object"
        case (_, .array): found = "array"
        case (_, .string): found = "string"
        case (_, .bool): found = "bool"
        case (_, .integer), (_, .number): found = "number"
        case (_, .null): return nil
        }
        return mismatch(found, place, owner)
    }

    private func mismatch(_ found: String, _ place: SchemaCursor, _ owner: String) -> String {
        "json: cannot unmarshal \(found) into Go struct field \(owner).\(path.joined(separator: ".")) of type "
            + Self.goType(place)
    }

    private func rangeProblem(_ value: JSONValue, _ place: SchemaCursor, _ owner: String) -> String? {
        guard case .integer(let number) = value, place.schema.type == .integer,
            place.schema.format == "int32",
            Int32(exactly: number) == nil
        else { return nil }
        return mismatch("number \(number)", place, owner)
    }

    /// What is wrong with a value that Go decodes by code of its own.
    private func scalarProblem(_ value: JSONValue, _ schema: StructuralSchema, _ owner: String) -> String? {
        if schema.isQuantity {
            let text = value.stringValue ?? (value.doubleValue == nil ? "" : value.description)
            guard Quantity(text) == nil else { return nil }
            return "quantities must match the regular expression "
                + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        }
        if schema.isIntOrString {
            switch value {
            case .integer, .string: return nil
            default:
                let field = "\(owner).\(path.joined(separator: "."))"
                return
                    "json: cannot unmarshal \(value.openAPIKind) into Go struct field \(field) of type int32"
            }
        }
        guard let text = value.stringValue else { return nil }
        switch schema.format {
        case "date-time" where Timestamp(rfc3339: text) == nil:
            return
                "parsing time \"\(text)\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\(text)\" as \"2006\""
        case "byte" where Base64.bytes(of: text) == nil:
            return "illegal base64 data at input byte \(Self.firstBadByte(text))"
        default: return nil
        }
    }

    private static func firstBadByte(_ text: String) -> Int {
        text.utf8.enumerated().first {
            Base64.bytes(of: String(repeating: Character(Unicode.Scalar($0.element)), count: 4)) == nil
        }?
        .offset ?? text.utf8.count
    }

    /// `io.k8s.api.core.v1.PodSpec` → `PodSpec`.
    private static func shortName(_ name: String) -> String {
        name.split(separator: ".").last.map(String.init) ?? name
    }

    private static func goType(_ place: SchemaCursor) -> String {
        if let reference = place.site.reference {
            return reference.split(separator: ".").suffix(2).joined(separator: ".")
        }
        switch place.schema.type {
        case .array?: return "[]" + (place.items.map(goType) ?? "string")
        case .object?:
            return "map[string]"
                + (place.schema.additionalProperties.map { goType(place.at($0)) } ?? "string")
        case .integer?: return place.schema.format ?? "int64"
        case .number?: return "float64"
        case .boolean?: return "bool"
        case .string?, nil: return "string"
        }
    }
}
