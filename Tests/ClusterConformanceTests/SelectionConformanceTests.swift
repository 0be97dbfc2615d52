import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct SelectionConformanceTests {
    private func names(
        _ cluster: ConformingCluster,
        _ resource: GroupVersionResource,
        _ selection: ObjectSelection
    ) async throws -> [String] {
        let list = try await cluster.client.list(resource, namespace: cluster.namespace, selection)
        return list.items.map { KubernetesObject($0).name }
    }

    @Test func `labels select by value, by set and by presence`() async throws {
        try await ConformingCluster.use { cluster in
            let labels: [(String, JSONValue)] = [
                ("a", ["in": "x", "tier": "1"]), ("b", ["in": "y"]), ("c", ["in": "x"]), ("d", ["tier": "2"]),
            ]
            for (name, labels) in labels {
                _ = try await cluster.client.create(
                    .configMaps,
                    ConformingCluster.configMap(name, labels: labels),
                    namespace: cluster.namespace
                )
            }
            let expected = [
                "in=x": ["a", "c"], "in=x,tier=1": ["a"], "in in (x,y),!tier": ["b", "c"],
                "in,tier": ["a"], "in notin (x),in": ["b"], "in=z": [],
            ]
            for (selector, found) in expected {
                let selection = ObjectSelection(labels: try LabelSelector(selector))
                #expect(try await names(cluster, .configMaps, selection) == found, "\(selector)")
            }
        }
    }

    @Test func `fields select by name and by phase, and others not at all`() async throws {
        try await ConformingCluster.use { cluster in
            for name in ["a", "b"] {
                _ = try await cluster.client.create(
                    .pods,
                    ConformingCluster.pod(name),
                    namespace: cluster.namespace
                )
            }
            let expected = [
                "metadata.name=a": ["a"], "metadata.name!=a": ["b"], "status.phase=Pending": ["a", "b"],
                "status.phase=Pending,metadata.name=b": ["b"], "spec.nodeName!=": [],
            ]
            for (selector, found) in expected {
                let selection = ObjectSelection(fields: try FieldSelector(selector))
                #expect(try await names(cluster, .pods, selection) == found, "\(selector)")
            }
            let unknown = ObjectSelection(fields: try FieldSelector("spec.hostname=a"))
            let refused = await cluster.failure {
                _ = try await $0.list(.pods, namespace: cluster.namespace, unknown)
            }
            #expect(refused?.status?.code == 400)
        }
    }
}
