import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

struct ClusterAPITests {
    private let directory: TemporaryDirectory
    private let api: ClusterAPI

    init() async throws {
        directory = try TemporaryDirectory()
        api = ClusterAPI(store: try ObjectStore(path: directory.file("cluster.db")))
        try await api.create(.namespaces, KubernetesObject(["metadata": ["name": "default"]]), as: "test")
    }

    private func pod(_ name: String, node: String? = nil) -> KubernetesObject {
        var pod = KubernetesObject([
            "metadata": ["name": .string(name), "namespace": "default"],
            "spec": ["containers": [["name": "c", "image": "busybox"]]],
        ])
        if let node { pod.json[at: "spec", "nodeName"] = .string(node) }
        return pod
    }

    private func failure<Value>(_ body: () async throws(APIStatus) -> Value) async -> APIStatus? {
        do throws(APIStatus) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("a new object gets what the server sets, and its defaults")
    func creates() async throws {
        let pod = try await api.create(.pods, pod("a"), as: "test")
        #expect(pod.uid.utf8.count == 36)
        #expect(pod.creationTimestamp != nil)
        #expect(pod.generation == 1)
        #expect(pod.status["phase"] == "Pending")
        #expect(pod.status["qosClass"] == "BestEffort")
        #expect(pod.spec["containers"]?[0]?["imagePullPolicy"] == "Always")
        #expect(pod.apiVersion == "v1" && pod.kind == "Pod")
    }

    @Test("a second object of the same name is refused, as is one in a namespace that is not there")
    func refuses() async throws {
        try await api.create(.pods, pod("a"), as: "test")
        let twice = await failure { () throws(APIStatus) in try await api.create(.pods, pod("a"), as: "test")
        }
        #expect(twice?.reason == .alreadyExists)
        var lost = pod("b")
        lost.namespace = "nowhere"
        let stranger = lost
        let absent = await failure { () throws(APIStatus) in try await api.create(.pods, stranger, as: "test")
        }
        #expect(absent?.message == #"namespaces "nowhere" not found"#)
        let bad = await failure { () throws(APIStatus) in
            try await api.create(.pods, pod("Not_A_Name"), as: "test")
        }
        #expect(bad?.code == 422)
    }

    @Test("a change of the status leaves the specification, and the other way round")
    func separatesStatus() async throws {
        try await api.create(.pods, pod("a"), as: "test")
        let key = ObjectKey(namespace: "default", name: "a")
        let running = try await api.updateStatus(.pods, key, as: "kubelet") { pod in
            pod.json[at: "status", "phase"] = "Running"
            pod.json[at: "spec", "nodeName"] = "other"
        }
        #expect(running.status["phase"] == "Running")
        #expect(running.spec["nodeName"] == nil)
        #expect(running.generation == 1)
        let bound = try await api.update(.pods, key, as: "scheduler") { pod in
            pod.json[at: "spec", "nodeName"] = "n1"
            pod.json[at: "status", "phase"] = "Failed"
        }
        #expect(bound.status["phase"] == "Running")
        #expect(bound.generation == 2)
    }

    @Test("a change that changes nothing writes nothing")
    func skipsEqual() async throws {
        try await api.create(.pods, pod("a"), as: "test")
        let revision = api.state.revision
        try await api.update(.pods, ObjectKey(namespace: "default", name: "a"), as: "test") { _ in }
        #expect(api.state.revision == revision)
    }

    @Test("a pod on a node stays until its grace period is cut to nothing; one without a node goes at once")
    func deletesPods() async throws {
        try await api.create(.pods, pod("bound", node: "n1"), as: "test")
        try await api.create(.pods, pod("free"), as: "test")
        try await api.delete(.pods, ObjectKey(namespace: "default", name: "free"))
        try await api.delete(.pods, ObjectKey(namespace: "default", name: "bound"))
        #expect(api.list(.pods).map(\.name) == ["bound"])
        #expect(api.list(.pods).first?.isBeingDeleted == true)
        try await api.delete(
            .pods,
            ObjectKey(namespace: "default", name: "bound"),
            DeleteOptions(gracePeriodSeconds: 0)
        )
        #expect(api.list(.pods).isEmpty)
    }

    @Test("an object with a finalizer goes when the last finalizer does")
    func finalizes() async throws {
        var map = KubernetesObject(["metadata": ["name": "m", "namespace": "default"]])
        map.finalizers = ["example.com/a"]
        try await api.create(.configMaps, map, as: "test")
        let key = ObjectKey(namespace: "default", name: "m")
        try await api.delete(.configMaps, key)
        #expect(api.get(.configMaps, key)?.isBeingDeleted == true)
        try await api.update(.configMaps, key, as: "test") { $0.finalizers = [] }
        #expect(api.get(.configMaps, key) == nil)
    }

    @Test("a custom resource is served once its definition is there")
    func serves() async throws {
        let resource = GroupResource(group: "example.com", resource: "widgets")
        let early = await failure { () throws(APIStatus) in try api.definition(of: resource) }
        #expect(early?.code == 404)
        try await api.create(
            .customResourceDefinitions,
            KubernetesObject([
                "metadata": ["name": "widgets.example.com"],
                "spec": [
                    "group": "example.com", "scope": "Namespaced",
                    "names": ["plural": "widgets", "kind": "Widget", "shortNames": ["wi"]],
                    "versions": [
                        [
                            "name": "v1beta1", "served": true, "storage": false,
                            "schema": [
                                "openAPIV3Schema": [
                                    "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                ]
                            ],
                        ],
                        [
                            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
                            "schema": [
                                "openAPIV3Schema": [
                                    "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                ]
                            ],
                        ],
                    ],
                ],
            ]),
            as: "test"
        )
        let definition = try api.definition(of: resource)
        #expect(definition.version == "v1")
        #expect(definition.hasStatus)
        #expect(
            api.catalog.definitions.filter { $0.group == "example.com" }.map(\.version) == ["v1", "v1beta1"]
        )
    }
}
