public import JSON

extension StructuralSchema {
    /// The prefix of references to the types of an OpenAPI document.
    static let referencePrefix = "#/components/schemas/"

    /// Reads an OpenAPI v3 schema with Kubernetes' extensions. What it does not know, it leaves out; whether a custom
    /// resource's schema keeps the rules is for `CustomResourceSchema` to say.
    public convenience init(openAPI json: JSONValue) {
        // Upstream writes a reference that has a default or a description as `allOf` with one element.
        let parts = json["allOf"]?.arrayValue ?? []
        let only = parts.count == 1 ? parts[0]["$ref"]?.stringValue : nil
        let reference = json["$ref"]?.stringValue ?? only
        let format = json["format"]?.stringValue
        let alternatives =
            (json["oneOf"] ?? json["anyOf"])?.arrayValue?.compactMap { $0["type"]?.stringValue } ?? []
        let isQuantity = format == "quantity"
        let isIntOrString =
            json["x-kubernetes-int-or-string"]?.boolValue == true || format == "int-or-string"
            || (json["type"] == nil && Set(alternatives) == ["integer", "string"])
        var properties: [String: StructuralSchema] = [:]
        for member in json["properties"]?.objectValue ?? JSONMembers() {
            properties[member.key] = StructuralSchema(openAPI: member.value)
        }
        let strategies = json["x-kubernetes-patch-strategy"]?.stringValue?.split(separator: ",") ?? []
        self.init(
            reference: reference.map {
                $0.hasPrefix(Self.referencePrefix) ? String($0.dropFirst(Self.referencePrefix.count)) : $0
            },
            type: isIntOrString || isQuantity
                ? nil : json["type"]?.stringValue.flatMap(ValueType.init(rawValue:)),
            format: format,
            description: json["description"]?.stringValue,
            defaultValue: json["default"],
            isNullable: json["nullable"]?.boolValue == true,
            isIntOrString: isIntOrString,
            isQuantity: isQuantity,
            isEmbeddedResource: json["x-kubernetes-embedded-resource"]?.boolValue == true,
            preservesUnknownFields: json["x-kubernetes-preserve-unknown-fields"]?.boolValue == true
                || json["additionalProperties"]?.boolValue == true,
            properties: properties,
            required: json["required"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            additionalProperties: json["additionalProperties"].flatMap {
                $0.objectValue == nil ? nil : StructuralSchema(openAPI: $0)
            },
            isAtomicMap: json["x-kubernetes-map-type"]?.stringValue == "atomic",
            items: json["items"].map(StructuralSchema.init(openAPI:)),
            listType: json["x-kubernetes-list-type"]?.stringValue.flatMap(ListType.init(rawValue:)),
            listMapKeys: json["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            patchStrategy: PatchStrategy(strategies.map(String.init).compactMap(PatchStrategy.named)),
            patchMergeKey: json["x-kubernetes-patch-merge-key"]?.stringValue,
            isInline: json["x-inline"]?.boolValue == true,
            limits: ValueLimits(openAPI: json, isReference: only != nil, isIntOrString: isIntOrString)
        )
    }
}

extension StructuralSchema.PatchStrategy {
    static func named(_ name: String) -> Self? {
        switch name {
        case "merge": .merge
        case "replace": .replace
        case "retainKeys": .retainKeys
        default: nil
        }
    }
}

extension ValueLimits {
    /// The bounds that an OpenAPI schema sets; nil when it sets none.
    init?(openAPI json: JSONValue, isReference: Bool, isIntOrString: Bool) {
        func count(_ key: String) -> Int? { json[key]?.integerValue.map { Int(clamping: $0) } }
        func schemas(_ key: String) -> [StructuralSchema] {
            (json[key]?.arrayValue ?? []).map(StructuralSchema.init(openAPI:))
        }
        allowedValues = json["enum"]?.arrayValue
        minimum = json["minimum"]?.doubleValue
        maximum = json["maximum"]?.doubleValue
        isMinimumExclusive = json["exclusiveMinimum"]?.boolValue == true
        isMaximumExclusive = json["exclusiveMaximum"]?.boolValue == true
        multipleOf = json["multipleOf"]?.doubleValue
        minLength = count("minLength")
        maxLength = count("maxLength")
        pattern = json["pattern"]?.stringValue.flatMap { SchemaPattern($0) }
        minItems = count("minItems")
        maxItems = count("maxItems")
        hasUniqueItems = json["uniqueItems"]?.boolValue == true
        minProperties = count("minProperties")
        maxProperties = count("maxProperties")
        allOf = isReference ? [] : schemas("allOf")
        // The alternatives of an int-or-string say no more than that it is one.
        anyOf = isIntOrString ? [] : schemas("anyOf")
        oneOf = isIntOrString ? [] : schemas("oneOf")
        not = json["not"].map(StructuralSchema.init(openAPI:))
        let isEmpty =
            allowedValues == nil && minimum == nil && maximum == nil && multipleOf == nil && minLength == nil
            && maxLength == nil && pattern == nil && minItems == nil && maxItems == nil && !hasUniqueItems
            && minProperties == nil && maxProperties == nil && allOf.isEmpty && anyOf.isEmpty && oneOf.isEmpty
            && not == nil
        if isEmpty { return nil }
    }
}
