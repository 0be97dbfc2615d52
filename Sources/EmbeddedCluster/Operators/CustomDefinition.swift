import JSON
import KubernetesModel

/// A custom resource definition that an operator brings, in a short form.
struct CustomDefinition: Sendable {
    /// A column of `kubectl get`.
    struct Column: Sendable {
        var name: String
        var type = "string"
        var path: String
        var priority: Int64 = 0

        init(_ name: String, _ path: String, type: String = "string", priority: Int64 = 0) {
            self.name = name
            self.type = type
            self.path = path
            self.priority = priority
        }
    }

    /// One version of it.
    struct Version: Sendable {
        var name: String
        var isStored = true
        /// The members of its objects besides `apiVersion`, `kind` and `metadata`, as schemas.
        var members: JSONValue
        var required: [String] = []
        var columns: [Column] = []
        /// The `scale` subresource; nil for none.
        var scale: JSONValue?
    }

    var group: String
    var kind: String
    var plural: String
    var shortNames: [String] = []
    var categories: [String] = []
    var isNamespaced = true
    var versions: [Version]

    /// The collection that it makes.
    var resource: GroupResource { GroupResource(group: group, resource: plural) }

    /// The definition as the API takes it, without marks.
    var object: KubernetesObject {
        var names: JSONValue = [
            "kind": .string(kind), "listKind": .string(kind + "List"), "plural": .string(plural),
            "singular": .string(kind.lowercased()),
        ]
        if !shortNames.isEmpty { names["shortNames"] = .array(shortNames.map(JSONValue.string)) }
        if !categories.isEmpty { names["categories"] = .array(categories.map(JSONValue.string)) }
        return KubernetesObject([
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(plural).\(group)")],
            "spec": [
                "group": .string(group), "names": names,
                "scope": isNamespaced ? "Namespaced" : "Cluster",
                "versions": .array(versions.map(Self.json)),
            ],
        ])
    }

    private static func json(_ version: Version) -> JSONValue {
        var members = version.members
        members["apiVersion"] = ["type": "string"]
        members["kind"] = ["type": "string"]
        members["metadata"] = ["type": "object"]
        var schema: JSONValue = ["type": "object", "properties": members]
        if !version.required.isEmpty { schema["required"] = .array(version.required.map(JSONValue.string)) }
        var subresources: JSONValue = ["status": [:]]
        if let scale = version.scale { subresources["scale"] = scale }
        var json: JSONValue = [
            "name": .string(version.name), "served": true, "storage": .bool(version.isStored),
            "schema": ["openAPIV3Schema": schema], "subresources": subresources,
        ]
        if !version.columns.isEmpty {
            json["additionalPrinterColumns"] = .array(
                version.columns.map { column in
                    [
                        "name": .string(column.name), "type": .string(column.type),
                        "jsonPath": .string(column.path), "priority": .integer(column.priority),
                    ]
                }
            )
        }
        return json
    }
}

/// Pieces of structural schemas.
enum Schema {
    static let text: JSONValue = ["type": "string"]
    static let flag: JSONValue = ["type": "boolean"]
    static let count: JSONValue = ["type": "integer", "format": "int32", "minimum": 0]
    static let number: JSONValue = ["type": "integer", "format": "int64"]
    /// An object of any members.
    static let anything: JSONValue = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
    static let texts: JSONValue = ["type": "object", "additionalProperties": text]
    /// A list of objects of any members.
    static let list: JSONValue = ["type": "array", "items": anything]

    /// An object of these members and any others.
    static func open(_ members: JSONValue, required: [String] = []) -> JSONValue {
        var schema = anything
        schema["properties"] = members
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return schema
    }

    static func choice(_ values: String...) -> JSONValue {
        ["type": "string", "enum": .array(values.map(JSONValue.string))]
    }

    /// A list of such values.
    static func list(of items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    /// An object whose members all are of that form.
    static func map(of values: JSONValue) -> JSONValue {
        ["type": "object", "additionalProperties": values]
    }

    /// A status with conditions (metav1.Condition) and any other members.
    static func status(_ members: JSONValue = [:]) -> JSONValue {
        var members = members
        members["conditions"] = list(
            of: open([
                "type": text, "status": choice("True", "False", "Unknown"), "reason": text, "message": text,
            ])
        )
        return open(members)
    }
}
