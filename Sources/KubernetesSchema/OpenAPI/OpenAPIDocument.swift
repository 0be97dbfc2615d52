public import JSON
public import KubernetesModel

/// What `/openapi/v3` tells of one group and version: paths with their parameters, and the schemas of all types.
///
/// It has what clients look for: `kubectl explain` finds types by `x-kubernetes-group-version-kind`, and `kubectl apply` looks
/// for the query parameter `fieldValidation` of patches.
public struct OpenAPIDocument: Sendable {
    /// Where it is served below `/openapi/v3/`: `api/v1` or `apis/apps/v1`.
    public let path: String
    /// The document, as JSON.
    public let body: [UInt8]
    /// A text that differs when the document does.
    public let hash: String

    /// The document for a group and version with those collections.
    public init(_ groupVersion: GroupVersion, _ resources: [OpenAPIResource]) {
        path = String(groupVersion.path.dropFirst())
        var paths = JSONMembers()
        for resource in resources {
            let operations = OpenAPIOperations(groupVersion, resource)
            for (path, item) in operations.paths { paths[path] = item }
        }
        let document: JSONValue = [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "unversioned"],
            "paths": .object(paths),
            "components": ["schemas": Self.schemas(resources)],
        ]
        body = document.encoded()
        hash = Self.digest(of: body)
    }

    /// What `/openapi/v3` itself answers: where each document is. The hash in an address makes it a new one when the document
    /// changes, so clients may keep what they have.
    public static func index(_ documents: [OpenAPIDocument]) -> JSONValue {
        var paths = JSONMembers()
        for document in documents.sorted(by: { $0.path < $1.path }) {
            paths[document.path] = [
                "serverRelativeURL": .string("/openapi/v3/\(document.path)?hash=\(document.hash)")
            ]
        }
        return ["paths": .object(paths)]
    }

    // MARK: Schemas

    private static func schemas(_ resources: [OpenAPIResource]) -> JSONValue {
        let catalog = SchemaCatalog.builtin
        var pending = [listMetadata, deleteOptions, status]
        var result = JSONMembers()
        for resource in resources {
            let schema = resource.schema
            if schema.isCustom {
                result[schema.name] = withType(schema.root.schema.openAPI, schema.type)
                result[schema.name + "List"] = list(of: schema)
                pending += schema.root.schema.references
            } else {
                pending.append(schema.name)
                if let list = catalog[schema.type.list] { pending.append(list.name) }
            }
            pending += resource.subresources.compactMap { catalog[$0.type]?.name }
        }
        var types: [String: GroupVersionKind] = [:]
        for schema in catalog.all { types[schema.name] = schema.type }
        while let name = pending.popLast() {
            guard result[name] == nil, let schema = catalog.types[name] else { continue }
            let json = schema.openAPI
            result[name] = types[name].map { withType(json, $0) } ?? json
            pending += schema.references
        }
        var sorted = JSONMembers()
        for key in result.keys.sorted() { sorted[key] = result[key] }
        return .object(sorted)
    }

    private static let listMetadata = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"
    static let deleteOptions = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
    static let status = "io.k8s.apimachinery.pkg.apis.meta.v1.Status"

    private static func withType(_ schema: JSONValue, _ type: GroupVersionKind) -> JSONValue {
        var schema = schema
        schema["x-kubernetes-group-version-kind"] = [type.openAPI]
        return schema
    }

    private static func list(of schema: ObjectSchema) -> JSONValue {
        withType(
            [
                "description": .string("A list of objects of the type \(schema.type.kind)."),
                "type": "object",
                "required": ["items"],
                "properties": [
                    "apiVersion": ["type": "string"], "kind": ["type": "string"],
                    "metadata": ["$ref": .string(StructuralSchema.referencePrefix + listMetadata)],
                    "items": [
                        "type": "array",
                        "items": ["$ref": .string(StructuralSchema.referencePrefix + schema.name)],
                    ],
                ],
            ],
            schema.type.list
        )
    }

    /// 128 bits of FNV-1a (draft-eastlake-fnv): enough to tell versions of a document apart.
    private static func digest(of bytes: [UInt8]) -> String {
        var hash: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
        for byte in bytes { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B }
        let text = String(hash, radix: 16, uppercase: true)
        return String(repeating: "0", count: 32 - text.utf8.count) + text
    }
}

extension GroupVersionKind {
    /// The type of lists of such objects.
    var list: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind + "List") }

    /// As `x-kubernetes-group-version-kind` has it.
    var openAPI: JSONValue { ["group": .string(group), "kind": .string(kind), "version": .string(version)] }
}
