import HTTPServer
import HTTPTypes
import JSON
import KubernetesModel

/// Gives objects the form that a client asked for.
struct ObjectAnswers: Sendable {
    let definition: ResourceDefinition
    let representation: Representation
    /// The custom resource definition, for the columns of tables.
    let crd: KubernetesObject?
    let now: Timestamp
    /// What of each object a table carries.
    let includeObject: String?

    /// One object.
    func one(_ object: KubernetesObject, status: Int = 200) -> Response {
        Response(status: .init(code: status), json: value(of: object))
    }

    func value(of object: KubernetesObject) -> JSONValue {
        let object = inVersion(object)
        switch representation {
        case .object: return object.json
        case .table: return table([object], metadata: ["resourceVersion": .string(object.resourceVersion)])
        case .metadata(let version): return Self.metadata(of: object, version: version)
        }
    }

    /// A list.
    func list(_ objects: [KubernetesObject], metadata: JSONValue) -> Response {
        switch representation {
        case .table: return Response(json: table(objects.map(inVersion), metadata: metadata))
        case .object:
            return list(
                kind: definition.listKind,
                apiVersion: definition.groupVersion.apiVersion,
                metadata,
                objects.lazy.map { inVersion($0).json }
            )
        case .metadata(let version):
            return list(
                kind: "PartialObjectMetadataList",
                apiVersion: "meta.k8s.io/\(version)",
                metadata,
                objects.lazy.map { Self.metadata(of: $0, version: version) }
            )
        }
    }

    private func list(
        kind: String,
        apiVersion: String,
        _ metadata: JSONValue,
        _ items: some Collection<JSONValue>
    ) -> Response {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("kind")
            writer.string(kind)
            writer.key("apiVersion")
            writer.string(apiVersion)
            writer.key("metadata")
            writer.value(metadata)
            writer.key("items")
            writer.array { writer in
                for item in items { writer.value(item) }
            }
        }
        return Response(contentType: .json, body: .bytes(writer.take()))
    }

    private func table(_ objects: [KubernetesObject], metadata: JSONValue, withColumns: Bool = true)
        -> JSONValue
    {
        TablePrinter.table(
            definition,
            crd: crd,
            objects: objects,
            listMetadata: metadata,
            includeObject: TablePrinter.IncludeObject(rawValue: includeObject ?? "") ?? .metadata,
            now: now,
            withColumns: withColumns
        )
    }

    /// What a watch sends of an object; only the first table of a watch has the columns' definitions.
    func event(_ object: KubernetesObject, isFirst: Bool) -> JSONValue {
        guard case .table = representation else { return value(of: object) }
        return table(
            [inVersion(object)],
            metadata: ["resourceVersion": .string(object.resourceVersion)],
            withColumns: isFirst
        )
    }

    /// What a watch sends to say up to which resource version it is complete.
    func bookmark(_ revision: UInt64, endsInitialEvents: Bool) -> JSONValue {
        var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        switch representation {
        case .object:
            return [
                "kind": .string(definition.kind), "apiVersion": .string(definition.groupVersion.apiVersion),
                "metadata": metadata,
            ]
        case .table(let version):
            return [
                "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
                "columnDefinitions": .null, "rows": [],
            ]
        case .metadata(let version):
            return [
                "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
                "metadata": metadata,
            ]
        }
    }

    /// The object in the version that was asked for. Versions of a custom resource differ in nothing but the name
    /// (conversion strategy `None`).
    private func inVersion(_ object: KubernetesObject) -> KubernetesObject {
        guard object.apiVersion != definition.groupVersion.apiVersion else { return object }
        if !definition.isCustom { return EventConversion.served(object, in: definition) }
        var object = object
        object.json["apiVersion"] = .string(definition.groupVersion.apiVersion)
        return object
    }

    private static func metadata(of object: KubernetesObject, version: String) -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
            "metadata": object.json["metadata"] ?? [:],
        ]
    }
}
