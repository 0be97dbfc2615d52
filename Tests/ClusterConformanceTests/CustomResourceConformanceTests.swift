import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct CustomResourceConformanceTests {
    /// The definition of widgets in a group that no other test has.
    private static func definition(_ resource: GroupVersionResource) -> JSONValue {
        let specification: JSONValue = [
            "type": "object", "required": ["size"],
            "properties": [
                "size": ["type": "integer", "minimum": 1],
                "colour": ["type": "string", "enum": ["red", "blue"], "default": "red"],
                "replicas": ["type": "integer"],
            ],
        ]
        let status: JSONValue = ["type": "object", "properties": ["replicas": ["type": "integer"]]]
        let version: JSONValue = [
            "name": .string(resource.version), "served": true, "storage": true,
            "subresources": [
                "status": [:],
                "scale": ["specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"],
            ],
            "schema": [
                "openAPIV3Schema": [
                    "type": "object", "properties": ["spec": specification, "status": status],
                ]
            ],
        ]
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string(resource.groupResource.description)],
            "spec": [
                "group": .string(resource.group), "scope": "Namespaced",
                "names": [
                    "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList",
                ],
                "versions": [version],
            ],
        ]
    }

    private static func widget(_ resource: GroupVersionResource, _ name: String, _ spec: JSONValue)
        -> JSONValue
    {
        [
            "apiVersion": .string(resource.groupVersion.apiVersion), "kind": "Widget",
            "metadata": ["name": .string(name)], "spec": spec,
        ]
    }

    /// Runs `body` with a resource that is defined for it.
    private func use(_ body: (ConformingCluster, GroupVersionResource) async throws -> Void) async throws {
        try await ConformingCluster.use { cluster in
            let widgets = GroupVersionResource(
                group: "\(cluster.namespace).example.com",
                version: "v1",
                resource: "widgets"
            )
            let name = widgets.groupResource.description
            _ = try await cluster.client.create(.definitions, Self.definition(widgets))
            let outcome: Result<Void, any Error>
            do {
                _ = try await cluster.wait(.definitions, name) {
                    $0.condition("Established")?["status"] == "True"
                }
                outcome = .success(try await body(cluster, widgets))
            } catch {
                outcome = .failure(error)
            }
            try await cluster.client.delete(.definitions, name)
            try outcome.get()
        }
    }

    @Test func `an object of a defined resource is checked, completed and written in parts`() async throws {
        try await use { cluster, widgets in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let made = try await client.create(
                widgets,
                Self.widget(widgets, "w", ["size": 3, "unknown": 1]),
                namespace: namespace
            )
            #expect(made["spec"] == ["size": 3, "colour": "red"])
            #expect(KubernetesObject(made).generation == 1)
            for spec: JSONValue in [
                ["colour": "red"], ["size": 0], ["size": "3"], ["size": 1, "colour": "x"],
            ] {
                let refused = await cluster.failure {
                    _ = try await $0.create(widgets, Self.widget(widgets, "x", spec), namespace: namespace)
                }
                #expect(refused?.isInvalid == true, "\(spec)")
                #expect(refused?.status?.causes.first?.field.hasPrefix("spec.") == true, "\(spec)")
            }
            let scale = try await client.scale(widgets, "w", namespace: namespace, replicas: 4)
            #expect(scale["spec"]?["replicas"] == 4)
            let status = try await client.patch(
                widgets,
                "w",
                .merge(["spec": ["size": 9], "status": ["replicas": 2]]),
                namespace: namespace,
                subresource: "status"
            )
            #expect(status["spec"] == ["size": 3, "colour": "red", "replicas": 4])
            #expect(status["status"] == ["replicas": 2])
            #expect(KubernetesObject(status).generation == 2)
            let strategic = await cluster.failure {
                _ = try await $0.patch(widgets, "w", .strategic(["spec": ["size": 4]]), namespace: namespace)
            }
            #expect(strategic?.status?.code == 415)
        }
    }

    @Test func `a defined resource is discovered, listed and watched until its definition goes`() async throws
    {
        try await use { cluster, widgets in
            let (client, namespace) = (cluster.client, cluster.namespace)
            for name in ["a", "b"] {
                _ = try await client.create(
                    widgets,
                    Self.widget(widgets, name, ["size": 1]),
                    namespace: namespace
                )
            }
            let list = try await client.list(widgets, namespace: namespace, pageSize: 1)
            #expect(list.items.map { KubernetesObject($0).name } == ["a", "b"])
            let type = GroupVersionKind(group: widgets.group, version: widgets.version, kind: "Widget")
            // Discovery follows a moment after the definition is established.
            while try await client.discovery().resource(for: type)?.resource != widgets {}
            var gone: Set<String> = []
            watching: for await event in client.watch(widgets, namespace: namespace) {
                switch event {
                case .status(.connected) where gone.isEmpty:
                    try await client.deleteCollection(widgets, namespace: namespace, .everything)
                case .deleted(let object):
                    gone.insert(KubernetesObject(try object.json()).name)
                    if gone.count == 2 { break watching }
                default: continue
                }
            }
            #expect(gone == ["a", "b"])
        }
    }
}
