import JSON
import KubernetesModel
import KubernetesSchema
import Testing

@Suite struct OpenAPIDocumentTests {
    private func document(_ kinds: [(String, GroupVersionKind)]) throws -> OpenAPIDocument {
        let resources = try kinds.map { plural, type in
            OpenAPIResource(
                plural: plural,
                schema: try #require(SchemaCatalog.builtin[type]),
                isNamespaced: true,
                subresources: [.init(name: "status", type: type, actions: [.read, .update])]
            )
        }
        let groupVersion = try #require(kinds.first?.1.groupVersion)
        return OpenAPIDocument(groupVersion, resources)
    }

    private let deployment = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")

    @Test func pathsTellTheirTypeActionAndParameters() throws {
        let document = try document([("deployments", deployment)])
        #expect(document.path == "apis/apps/v1")
        let paths = try JSONValue(parsing: document.body)["paths"]
        #expect(
            paths?.objectValue?.keys.sorted() == [
                "/apis/apps/v1/deployments", "/apis/apps/v1/namespaces/{namespace}/deployments",
                "/apis/apps/v1/namespaces/{namespace}/deployments/{name}",
                "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status",
            ]
        )
        let patch = paths?["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]?["patch"]
        #expect(patch?["x-kubernetes-action"] == "patch")
        #expect(
            patch?["x-kubernetes-group-version-kind"] == [
                "group": "apps", "version": "v1", "kind": "Deployment",
            ]
        )
        let names = patch?["parameters"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names == ["dryRun", "fieldManager", "fieldValidation", "force"])
        #expect(patch?["operationId"] == "patchAppsV1NamespacedDeployment")
        let create = paths?["/apis/apps/v1/namespaces/{namespace}/deployments"]?["post"]
        #expect(create?["operationId"] == "createAppsV1NamespacedDeployment")
        #expect(create?["x-kubernetes-action"] == "post")
    }

    @Test func everyReferenceLeadsToASchemaOfTheDocument() throws {
        let document = try document([("deployments", deployment)])
        let json = try JSONValue(parsing: document.body)
        let schemas = try #require(json["components"]?["schemas"]?.objectValue)
        func references(_ value: JSONValue) -> [String] {
            switch value {
            case .object(let members):
                members.flatMap { member in
                    member.key == "$ref"
                        ? [member.value.stringValue].compactMap { $0 } : references(member.value)
                }
            case .array(let elements): elements.flatMap(references)
            default: []
            }
        }
        let prefix = "#/components/schemas/"
        let all = Set(references(json))
        #expect(all.count > 50)
        for reference in all {
            #expect(schemas[String(reference.dropFirst(prefix.count))] != nil, "\(reference)")
        }
        #expect(
            schemas["io.k8s.api.apps.v1.Deployment"]?["x-kubernetes-group-version-kind"]
                == [["group": "apps", "version": "v1", "kind": "Deployment"]]
        )
        let containers = schemas["io.k8s.api.core.v1.PodSpec"]?["properties"]?["containers"]
        #expect(containers?["x-kubernetes-list-map-keys"] == ["name"])
        #expect(containers?["x-kubernetes-patch-merge-key"] == "name")
    }

    @Test func aSchemaThatIsReadBackIsTheSame() throws {
        let types = SchemaCatalog.builtin.types
        for name in types.names {
            let written = try #require(types[name]).openAPI
            #expect(StructuralSchema(openAPI: written).openAPI == written, "\(name)")
        }
    }

    @Test func theIndexNamesEveryDocumentByItsContent() throws {
        let one = try document([("deployments", deployment)])
        let other = try document([
            ("deployments", deployment),
            ("replicasets", GroupVersionKind(group: "apps", version: "v1", kind: "ReplicaSet")),
        ])
        #expect(one.hash != other.hash)
        #expect(one.hash.utf8.count == 32)
        #expect(
            OpenAPIDocument.index([one]) == [
                "paths": [
                    "apis/apps/v1": [
                        "serverRelativeURL": .string("/openapi/v3/apis/apps/v1?hash=\(one.hash)")
                    ]
                ]
            ]
        )
    }

    @Test func aCustomResourceHasItsSchemaAndItsList() throws {
        let definition = try JSONValue(
            parsing:
                #"{"spec":{"group":"ray.io","names":{"kind":"RayCluster","plural":"rayclusters"},"versions":[{"name":"v1","#
                + #""schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"n":"#
                + #"{"type":"integer","minimum":1}}}}}}}]}}"#
        )
        let schema = try #require(CustomResourceSchema.schema(of: definition, version: "v1"))
        let document = OpenAPIDocument(
            GroupVersion(group: "ray.io", version: "v1"),
            [OpenAPIResource(plural: "rayclusters", schema: schema, isNamespaced: true)]
        )
        let json = try JSONValue(parsing: document.body)
        let schemas = json["components"]?["schemas"]
        #expect(
            schemas?["io.ray.v1.RayCluster"]?["properties"]?["spec"]?["properties"]?["n"]?["minimum"] == 1
        )
        #expect(schemas?["io.ray.v1.RayClusterList"] != nil)
        let patch = json["paths"]?["/apis/ray.io/v1/namespaces/{namespace}/rayclusters/{name}"]?["patch"]
        #expect(patch?["requestBody"]?["content"]?["application/strategic-merge-patch+json"] == nil)
        #expect(patch?["requestBody"]?["content"]?["application/apply-patch+yaml"] != nil)
    }
}
