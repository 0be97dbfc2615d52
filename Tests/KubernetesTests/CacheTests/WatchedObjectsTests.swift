import HTTPClient
import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct WatchedObjectsTests {
    private static let configMaps = GroupVersionResource(version: "v1", resource: "configmaps")
    private static let key = ResourceKey(namespace: "n", name: "one")

    private static func object(_ text: String, version: Int) -> JSONValue {
        [
            "metadata": [
                "name": "one", "namespace": "n", "resourceVersion": .string(String(version)),
            ],
            "data": ["text": .string(text)],
        ]
    }

    private static func withObjects(_ body: (WatchedObjects<String>) -> Void) async throws {
        let http = try HTTPClient()
        let client = KubernetesClient(
            configuration: ClusterConfiguration(server: "http://127.0.0.1:1", origin: "a test"),
            http: http
        )
        body(WatchedObjects(client, configMaps, .everything) { $0.json["data"]?["text"]?.stringValue })
        await http.shutDown()
    }

    @Test func `what somebody has written is known at once, and no earlier state takes its place`()
        async throws
    {
        try await Self.withObjects { objects in
            #expect(objects[Self.key] == nil)
            objects.learn(Self.object("new", version: 10))
            #expect(objects[Self.key] == "new")
            objects.learn(Self.object("old", version: 9))
            #expect(objects[Self.key] == "new")
            objects.learn(Self.object("newest", version: 11))
            #expect(objects[Self.key] == "newest")
            #expect(objects.snapshot.values == [Self.key: "newest"])
        }
    }

    @Test func `what somebody has deleted is gone at once, and no earlier state comes back`() async throws {
        try await Self.withObjects { objects in
            objects.learn(Self.object("new", version: 10))
            objects.forget(Self.key, upTo: "10")
            #expect(objects[Self.key] == nil)
            objects.learn(Self.object("old", version: 9))
            objects.learn(Self.object("new", version: 10))
            #expect(objects[Self.key] == nil)
            objects.learn(Self.object("made again", version: 12))
            #expect(objects[Self.key] == "made again")
        }
    }

    @Test func `the deletion of an earlier state leaves a later one`() async throws {
        try await Self.withObjects { objects in
            objects.learn(Self.object("made again", version: 12))
            objects.forget(Self.key, upTo: "10")
            #expect(objects[Self.key] == "made again")
        }
    }

    @Test func `what does not count is not kept`() async throws {
        try await Self.withObjects { objects in
            objects.learn(Self.object("new", version: 10))
            objects.learn([
                "metadata": ["name": "one", "namespace": "n", "resourceVersion": "11"], "data": [:],
            ])
            #expect(objects[Self.key] == nil)
        }
    }

    @Test func `nothing is known before the watch has told of it`() async throws {
        try await Self.withObjects { objects in
            #expect(!objects.snapshot.state.isSynced)
            #expect(!objects.snapshot.state.isConnected)
        }
    }
}
