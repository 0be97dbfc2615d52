import HTTPTypes
import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

/// What becomes of a deployment of which the API server makes only a part.
@Suite(.timeLimit(.minutes(10)))
struct HalfwayTests {
    private static let namespace = "half"

    @Test(
        "what was made of a deployment is taken back when the rest is refused",
        arguments: [
            // The second object of two, and the third of three.
            ("services", ["provider": "vllm", "engine": "vllm"] as JSONValue),
            ("configmaps", ["provider": "vllm", "engine": "trtllm"] as JSONValue),
        ]
    )
    func isTakenBack(_ refused: String, _ part: JSONValue) async throws {
        try await RunningIngot.run(nodes: [["name": "node", "cpus": 64, "memory": "512GiB"]]) { made in
            let api = try #require(made.cluster).api
            let namespace = KubernetesObject(["metadata": ["name": .string(Self.namespace)]])
            try await api.create(.namespaces, namespace, as: "test")
            try await made.eventually("the namespace is complete") {
                api.objects(in: Self.namespace).count == 2
            }
            let server = try await RefusingAPIServer(api, refusing: [refused])
            try await RunningIngot.run(kubeconfig: server.kubeconfig) { ingot in
                var wish = part
                wish["name"] = "half"
                wish["namespace"] = .string(Self.namespace)
                wish["modelId"] = "Qwen/Qwen3-0.6B"
                try await refuses(wish, refused, ingot, api)
            }
            await server.stop()
        }
    }

    private func refuses(
        _ wish: JSONValue,
        _ refused: String,
        _ ingot: RunningIngot,
        _ api: ClusterAPI
    ) async throws {
        let before = api.objects(in: Self.namespace)
        let revision = api.state.revision
        var changes = api.store.changes(of: .deployments, since: revision).makeAsyncIterator()
        let answer = try await ingot.call(.post, "/api/deployments", wish)
        #expect(answer.status == 403, "\(answer.body)")
        #expect(answer.body["code"]?.stringValue == "FORBIDDEN")
        #expect(
            answer.body["message"]?.stringValue?.contains("exceeded quota") == true,
            "\(answer.body)"
        )
        // The first object was made indeed.
        let made = try await changes.next()?.changes.first?.current
        #expect(made?.name == "half")
        try await ingot.eventually("nothing is left") { api.objects(in: Self.namespace) == before }
        try await ingot.eventually("it is not known") {
            try await ingot.get("/api/deployments/half?namespace=\(Self.namespace)").status == 404
        }
    }
}

extension ClusterAPI {
    /// All objects of a namespace, except for events, which Kubernetes itself lets go after an hour.
    func objects(in namespace: String) -> Set<String> {
        let resources = Set(catalog.definitions.filter(\.isNamespaced).map(\.groupResource))
        return Set(
            resources.filter { $0.resource != "events" }.flatMap { resource in
                list(resource, in: namespace).map { "\(resource) \($0.name)" }
            }
        )
    }
}
