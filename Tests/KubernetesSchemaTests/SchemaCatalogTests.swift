import JSON
import KubernetesModel
import KubernetesSchema
import Testing

@Suite struct SchemaCatalogTests {
    @Test(arguments: [
        ("", "v1", "Pod"), ("", "v1", "Node"), ("", "v1", "Namespace"), ("", "v1", "Service"),
        ("", "v1", "Secret"),
        ("", "v1", "ConfigMap"), ("", "v1", "Endpoints"), ("", "v1", "Event"), ("", "v1", "Binding"),
        ("", "v1", "PersistentVolumeClaim"), ("", "v1", "Status"), ("", "v1", "DeleteOptions"),
        ("", "v1", "PodList"),
        ("apps", "v1", "Deployment"), ("apps", "v1", "StatefulSet"), ("apps", "v1", "ControllerRevision"),
        ("batch", "v1", "Job"), ("coordination.k8s.io", "v1", "Lease"),
        ("discovery.k8s.io", "v1", "EndpointSlice"),
        ("events.k8s.io", "v1", "Event"), ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
        ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
        ("authentication.k8s.io", "v1", "TokenReview"),
        ("authentication.k8s.io", "v1", "TokenRequest"),
        ("authorization.k8s.io", "v1", "SubjectAccessReview"),
        ("policy", "v1", "Eviction"), ("policy", "v1", "PodDisruptionBudget"), ("autoscaling", "v1", "Scale"),
        ("scheduling.k8s.io", "v1", "PriorityClass"), ("storage.k8s.io", "v1", "StorageClass"),
    ])
    func aKindOfKubernetesHasASchema(_ group: String, _ version: String, _ kind: String) throws {
        let type = GroupVersionKind(group: group, version: version, kind: kind)
        let schema = try #require(SchemaCatalog.builtin[type])
        #expect(schema.root.schema.type == .object)
        #expect(!schema.root.schema.properties.isEmpty)
        #expect(schema.root.schema.description != nil || kind.hasSuffix("List"))
    }

    @Test func everyReferenceLeadsToAType() throws {
        let types = SchemaCatalog.builtin.types
        func references(_ schema: StructuralSchema) -> [String] {
            [schema.reference].compactMap { $0 } + schema.properties.flatMap { references($0.schema) }
                + (schema.items.map(references) ?? []) + (schema.additionalProperties.map(references) ?? [])
        }
        for name in types.names {
            let schema = try #require(types[name])
            for reference in references(schema) { #expect(types[reference] != nil, "\(name) → \(reference)") }
        }
    }

    @Test func fieldsHaveTheirListTypesAndMergeKeys() throws {
        let pod = try #require(SchemaCatalog.builtin[GroupVersionKind(version: "v1", kind: "Pod")]).root
        let containers = try #require(pod.property("spec")?.property("containers"))
        #expect(containers.schema.listType == .map)
        #expect(containers.schema.listMapKeys == ["name"])
        #expect(containers.site.patchMergeKey == "name")
        #expect(containers.site.patchStrategy == .merge)
        let ports = try #require(containers.items?.property("ports"))
        #expect(ports.schema.listMapKeys == ["containerPort", "protocol"])
        #expect(ports.items?.property("protocol")?.site.defaultValue == "TCP")
        #expect(pod.property("spec")?.property("volumes")?.site.patchStrategy == [.merge, .retainKeys])
        let limits = containers.items?.property("resources")?.property("limits")?.member("cpu")
        #expect(limits?.schema.isQuantity == true)
    }

    @Test func aTypeMayContainItself() throws {
        let type = GroupVersionKind(
            group: "apiextensions.k8s.io",
            version: "v1",
            kind: "CustomResourceDefinition"
        )
        var place = SchemaCatalog.builtin[type]?.root.property("spec")?.property("versions")?.items?.property(
            "schema"
        )
        place = place?.property("openAPIV3Schema")
        for _ in 0..<20 { place = place?.property("properties")?.member("x") }
        #expect(place?.property("pattern")?.schema.type == .string)
    }
}
