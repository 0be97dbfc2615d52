public import JSON

extension StructuralSchema {
    /// The schema in OpenAPI v3 with Kubernetes' extensions, as an API server publishes it.
    public var openAPI: JSONValue {
        var json = JSONMembers()
        if let description { json["description"] = .string(description) }
        if let defaultValue { json["default"] = defaultValue }
        if let reference {
            let pointer: JSONValue = ["$ref": .string(Self.referencePrefix + reference)]
            if json.isEmpty, patchStrategy.isEmpty, limits == nil { return pointer }
            // What stands beside a reference counts for nothing in OpenAPI v3.0, but beside `allOf` it does.
            json["allOf"] = [pointer]
        } else {
            writeValue(into: &json)
        }
        writeExtensions(into: &json)
        limits?.write(into: &json)
        return .object(json)
    }

    private func writeValue(into json: inout JSONMembers) {
        if isQuantity {
            json["oneOf"] = [["type": "string"], ["type": "number"]]
        } else if isIntOrString {
            json["oneOf"] = [["type": "integer"], ["type": "string"]]
            json["format"] = "int-or-string"
            json["x-kubernetes-int-or-string"] = true
        }
        if let type { json["type"] = .string(type.rawValue) }
        if let format, !isQuantity, !isIntOrString { json["format"] = .string(format) }
        if isNullable { json["nullable"] = true }
        if !properties.isEmpty {
            var members = JSONMembers()
            for property in properties { members[property.name] = property.schema.openAPI }
            json["properties"] = .object(members)
        }
        if !required.isEmpty { json["required"] = .array(required.map(JSONValue.string)) }
        if let additionalProperties { json["additionalProperties"] = additionalProperties.openAPI }
        if let items { json["items"] = items.openAPI }
    }

    private func writeExtensions(into json: inout JSONMembers) {
        if preservesUnknownFields { json["x-kubernetes-preserve-unknown-fields"] = true }
        if isEmbeddedResource { json["x-kubernetes-embedded-resource"] = true }
        if isAtomicMap { json["x-kubernetes-map-type"] = "atomic" }
        if let listType { json["x-kubernetes-list-type"] = .string(listType.rawValue) }
        if !listMapKeys.isEmpty {
            json["x-kubernetes-list-map-keys"] = .array(listMapKeys.map(JSONValue.string))
        }
        if let patchMergeKey { json["x-kubernetes-patch-merge-key"] = .string(patchMergeKey) }
        let strategies = patchStrategy.names
        if !strategies.isEmpty {
            json["x-kubernetes-patch-strategy"] = .string(strategies.joined(separator: ","))
        }
    }

    /// The types that the schema refers to.
    var references: Set<String> {
        var names: Set<String> = []
        if let reference { names.insert(reference) }
        for property in properties { names.formUnion(property.schema.references) }
        for schema in [additionalProperties, items] { names.formUnion(schema?.references ?? []) }
        return names
    }
}

extension StructuralSchema.PatchStrategy {
    fileprivate var names: [String] {
        var names: [String] = []
        if contains(.merge) { names.append("merge") }
        if contains(.replace) { names.append("replace") }
        if contains(.retainKeys) { names.append("retainKeys") }
        return names
    }
}

extension ValueLimits {
    fileprivate func write(into json: inout JSONMembers) {
        func number(_ value: Double?) -> JSONValue? {
            value.map { number in Int64(exactly: number).map(JSONValue.integer) ?? .number(number) }
        }
        func count(_ value: Int?) -> JSONValue? { value.map { .integer(Int64($0)) } }
        func schemas(_ schemas: [StructuralSchema]) -> JSONValue? {
            schemas.isEmpty ? nil : .array(schemas.map(\.openAPI))
        }
        let entries: [(String, JSONValue?)] = [
            ("enum", allowedValues.map(JSONValue.array)), ("minimum", number(minimum)),
            ("maximum", number(maximum)),
            ("exclusiveMinimum", isMinimumExclusive ? true : nil),
            ("exclusiveMaximum", isMaximumExclusive ? true : nil), ("multipleOf", number(multipleOf)),
            ("minLength", count(minLength)), ("maxLength", count(maxLength)),
            ("pattern", pattern.map { .string($0.text) }), ("minItems", count(minItems)),
            ("maxItems", count(maxItems)), ("uniqueItems", hasUniqueItems ? true : nil),
            ("minProperties", count(minProperties)), ("maxProperties", count(maxProperties)),
            ("allOf", schemas(allOf)), ("anyOf", schemas(anyOf)), ("oneOf", schemas(oneOf)),
            ("not", not?.openAPI),
        ]
        for (key, value) in entries where value != nil { json[key] = value }
    }
}
