public import JSON
public import KubernetesModel

/// The schemas that custom resource definitions bring.
public enum CustomResourceSchema {
    /// What is wrong with the schemas of a definition: the rules of structural schemas and of apiextensions.
    public static func causes(in definition: JSONValue) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        for (index, version) in (definition["spec"]?["versions"]?.arrayValue ?? []).enumerated() {
            let path = "spec.versions[\(index)].schema.openAPIV3Schema"
            guard let schema = version["schema"]?["openAPIV3Schema"], schema.objectValue != nil else {
                causes.append(.required(path, "schemas are required"))
                continue
            }
            var check = StructuralCheck()
            check.checkRoot(schema, path)
            causes += check.causes
        }
        return causes
    }

    /// The schema of one version of a definition; nil when it has no such version, or that has no schema.
    public static func schema(of definition: JSONValue, version: String) -> ObjectSchema? {
        let versions = definition["spec"]?["versions"]?.arrayValue ?? []
        guard let group = definition["spec"]?["group"]?.stringValue,
            let kind = definition["spec"]?["names"]?["kind"]?.stringValue,
            let entry = versions.first(where: { $0["name"]?.stringValue == version }),
            var schema = entry["schema"]?["openAPIV3Schema"], schema.objectValue != nil
        else { return nil }
        for (name, description) in [
            ("apiVersion", "The version of the API that the object is written in."),
            ("kind", "The type of the object."),
        ] {
            var field = schema["properties"]?[name] ?? [:]
            field["type"] = "string"
            if field["description"] == nil { field["description"] = .string(description) }
            schema[at: "properties", name] = field
        }
        schema[at: "properties", "metadata"] = [
            "$ref": .string(SchemaCatalog.objectMetadataName),
            "description": "Name, labels, annotations and what else all objects have.",
            // Every object has metadata, so nobody adds them.
            "x-inline": true,
        ]
        let root = SchemaCursor(StructuralSchema(openAPI: schema), SchemaCatalog.builtin.types)
        return ObjectSchema(
            type: GroupVersionKind(group: group, version: version, kind: kind),
            name: openAPIName(group: group, version: version, kind: kind),
            root: root,
            isCustom: true
        )
    }

    /// `ray.io`, `v1`, `RayCluster` → `io.ray.v1.RayCluster`.
    static func openAPIName(group: String, version: String, kind: String) -> String {
        (group.split(separator: ".").reversed().map(String.init) + [version, kind]).joined(separator: ".")
    }
}
