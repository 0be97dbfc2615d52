import JSON
import KubernetesModel

/// Checks that the schema of a custom resource is structural (apiextensions.k8s.io/v1), in the API server's words.
struct StructuralCheck {
    private(set) var causes: [APIStatus.Cause] = []

    private enum Level {
        case root
        case field
        case item

        var place: String {
            switch self {
            case .root: "at the root"
            case .field: "for specified object fields"
            case .item: "for specified array items"
            }
        }
    }

    private static let types = ["array", "boolean", "integer", "number", "object", "string"]
    private static let unsupported = [
        "$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "id", "$schema",
    ]
    /// What only the structure may say, not the alternatives beside it.
    private static let structural = [
        "type", "description", "title", "default", "additionalProperties", "nullable",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
    ]

    mutating func checkRoot(_ schema: JSONValue, _ path: String) {
        if schema["nullable"]?.boolValue == true {
            causes.append(.forbidden("\(path).nullable", "nullable cannot be true at the root"))
        }
        if let metadata = schema["properties"]?["metadata"] {
            let metadataPath = "\(path).properties[metadata]"
            let allowed: Set<String> = ["type", "properties", "description"]
            let fields = metadata["properties"]?.objectValue?.keys ?? []
            let isPlain =
                Set(metadata.objectValue?.keys ?? []).isSubset(of: allowed)
                && Set(fields).isSubset(of: ["name", "generateName"])
            if !isPlain {
                causes.append(
                    .forbidden(
                        metadataPath,
                        "must not specify anything other than name and generateName, but metadata is implicitly specified"
                    )
                )
            }
        }
        check(schema, path, .root)
    }

    private mutating func check(_ schema: JSONValue, _ path: String, _ level: Level) {
        guard schema.objectValue != nil else { return }
        let type = schema["type"]?.stringValue ?? ""
        let isIntOrString = schema["x-kubernetes-int-or-string"]?.boolValue == true
        let preserves = schema["x-kubernetes-preserve-unknown-fields"]?.boolValue == true
        if type.isEmpty, !isIntOrString, !preserves || level == .root {
            causes.append(.required("\(path).type", "must not be empty \(level.place)"))
        } else if !type.isEmpty, !Self.types.contains(type) {
            causes.append(.notSupported("\(path).type", .string(type), Self.types.map(JSONValue.string)))
        } else if !type.isEmpty, isIntOrString {
            causes.append(
                .invalid("\(path).type", .string(type), "must be empty if x-kubernetes-int-or-string is true")
            )
        } else if !type.isEmpty, level == .root, type != "object" {
            causes.append(.invalid("\(path).type", .string(type), "must be object at the root"))
        }
        checkExtensions(schema, type, path)
        checkUnsupported(schema, path)
        checkChildren(schema, type, path)
        checkList(schema, type, path)
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, inner) in (schema[key]?.arrayValue ?? []).enumerated() {
                checkAlternative(inner, "\(path).\(key)[\(index)]", schema, isIntOrString: isIntOrString)
            }
        }
        if let not = schema["not"] {
            checkAlternative(not, "\(path).not", schema, isIntOrString: isIntOrString)
        }
        checkDefault(schema, path)
    }

    private mutating func checkExtensions(_ schema: JSONValue, _ type: String, _ path: String) {
        if schema["x-kubernetes-preserve-unknown-fields"]?.boolValue == false {
            causes.append(
                .invalid("\(path).x-kubernetes-preserve-unknown-fields", false, "must be true or undefined")
            )
        }
        if schema["x-kubernetes-embedded-resource"]?.boolValue == true {
            if type != "object" {
                causes.append(
                    .invalid(
                        "\(path).type",
                        .string(type),
                        "must be object if x-kubernetes-embedded-resource is true"
                    )
                )
            }
            if schema["properties"] == nil, schema["x-kubernetes-preserve-unknown-fields"]?.boolValue != true
            {
                causes.append(
                    .required(
                        "\(path).properties",
                        "must not be empty if x-kubernetes-embedded-resource is true without "
                            + "x-kubernetes-preserve-unknown-fields"
                    )
                )
            }
        }
        if let mapType = schema["x-kubernetes-map-type"]?.stringValue {
            if type != "object" {
                causes.append(
                    .invalid(
                        "\(path).type",
                        .string(type),
                        "must be object if x-kubernetes-map-type is specified"
                    )
                )
            }
            if !["atomic", "granular"].contains(mapType) {
                causes.append(
                    .notSupported("\(path).x-kubernetes-map-type", .string(mapType), ["atomic", "granular"])
                )
            }
        }
    }

    private mutating func checkUnsupported(_ schema: JSONValue, _ path: String) {
        for key in Self.unsupported where schema[key] != nil {
            causes.append(.forbidden("\(path).\(key)", "\(key) is not supported"))
        }
        if schema["uniqueItems"]?.boolValue == true {
            causes.append(
                .forbidden(
                    "\(path).uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
                )
            )
        }
        if let pattern = schema["pattern"]?.stringValue, SchemaPattern(pattern) == nil {
            causes.append(
                .invalid("\(path).pattern", .string(pattern), "must be a valid regular expression, but isn't")
            )
        }
        if let additional = schema["additionalProperties"] {
            if additional.boolValue == false {
                causes.append(
                    .forbidden("\(path).additionalProperties", "additionalProperties cannot be set to false")
                )
            } else if schema["properties"]?.objectValue?.isEmpty == false {
                causes.append(
                    .forbidden(
                        "\(path).additionalProperties",
                        "additionalProperties and properties are mutual exclusive"
                    )
                )
            }
        }
    }

    private mutating func checkChildren(_ schema: JSONValue, _ type: String, _ path: String) {
        for property in schema["properties"]?.objectValue ?? JSONMembers() {
            check(property.value, "\(path).properties[\(property.key)]", .field)
        }
        if let additional = schema["additionalProperties"], additional.objectValue != nil {
            check(additional, "\(path).additionalProperties", .field)
        }
        if let items = schema["items"] {
            if items.arrayValue != nil {
                causes.append(.forbidden("\(path).items", "items must be a schema object and not an array"))
            }
            check(items, "\(path).items", .item)
        } else if type == "array" {
            causes.append(.required("\(path).items", "must be specified"))
        }
    }

    private mutating func checkList(_ schema: JSONValue, _ type: String, _ path: String) {
        let keysPath = "\(path).x-kubernetes-list-map-keys"
        let keys = schema["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard let listType = schema["x-kubernetes-list-type"]?.stringValue else {
            if !keys.isEmpty {
                causes.append(
                    .forbidden(keysPath, "must not be specified unless x-kubernetes-list-type is map")
                )
            }
            return
        }
        if type != "array" {
            causes.append(
                .invalid(
                    "\(path).type",
                    .string(type),
                    "must be array if x-kubernetes-list-type is specified"
                )
            )
        }
        guard ["atomic", "map", "set"].contains(listType) else {
            let supported: [JSONValue] = ["atomic", "map", "set"]
            causes.append(.notSupported("\(path).x-kubernetes-list-type", .string(listType), supported))
            return
        }
        guard listType == "map" else { return }
        let items = schema["items"] ?? .null
        if items["type"]?.stringValue != "object" {
            causes.append(
                .invalid(
                    "\(path).items.type",
                    items["type"] ?? "",
                    "must be object if parent array's x-kubernetes-list-type is map"
                )
            )
            return
        }
        if keys.isEmpty {
            causes.append(.required(keysPath, "must not be empty if x-kubernetes-list-type is map"))
        }
        let required = items["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        for (index, key) in keys.enumerated() {
            guard let property = items["properties"]?[key] else {
                causes.append(
                    .invalid(
                        "\(keysPath)[\(index)]",
                        .string(key),
                        "entries must all be names of item properties"
                    )
                )
                continue
            }
            if !required.contains(key), property["default"] == nil {
                causes.append(
                    .required(
                        "\(path).items.properties[\(key)].default",
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
                    )
                )
            }
        }
    }

    /// The alternatives may only narrow what the structure beside them describes.
    private mutating func checkAlternative(
        _ schema: JSONValue,
        _ path: String,
        _ structure: JSONValue,
        isIntOrString: Bool
    ) {
        for key in Self.structural where schema[key] != nil {
            // The usual way to write an int-or-string names both types.
            if key == "type", isIntOrString { continue }
            causes.append(.forbidden("\(path).\(key)", "must be empty to be structural"))
        }
        for property in schema["properties"]?.objectValue ?? JSONMembers() {
            let innerPath = "\(path).properties[\(property.key)]"
            if let inner = structure["properties"]?[property.key] ?? structure["additionalProperties"] {
                checkAlternative(property.value, innerPath, inner, isIntOrString: inner["type"] == nil)
            } else if structure["x-kubernetes-preserve-unknown-fields"]?.boolValue != true {
                causes.append(
                    .required(
                        innerPath.replacingAlternative(),
                        "because it is defined in \(innerPath)"
                    )
                )
            }
        }
        if let items = schema["items"] {
            checkAlternative(items, "\(path).items", structure["items"] ?? .null, isIntOrString: false)
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, inner) in (schema[key]?.arrayValue ?? []).enumerated() {
                checkAlternative(inner, "\(path).\(key)[\(index)]", structure, isIntOrString: isIntOrString)
            }
        }
        if let not = schema["not"] {
            checkAlternative(not, "\(path).not", structure, isIntOrString: isIntOrString)
        }
    }

    private mutating func checkDefault(_ schema: JSONValue, _ path: String) {
        guard let value = schema["default"] else { return }
        var inner = ValueCheck(checksTypes: true)
        let cursor = SchemaCursor(StructuralSchema(openAPI: schema), SchemaCatalog.builtin.types)
        inner.check(value, cursor, "\(path).default")
        causes += inner.causes
        var pruning = FieldPruning(dropsNulls: false)
        if pruning.pruned(value, cursor, "") != value {
            causes.append(.invalid("\(path).default", value, "must not have unknown fields"))
        }
    }
}

extension String {
    /// The path of a property in the structure beside an alternative: without the parts that lead into alternatives.
    fileprivate func replacingAlternative() -> String {
        split(separator: ".", omittingEmptySubsequences: false).filter { part in
            !["allOf[", "anyOf[", "oneOf["].contains { part.hasPrefix($0) } && part != "not"
        }.joined(separator: ".")
    }
}
