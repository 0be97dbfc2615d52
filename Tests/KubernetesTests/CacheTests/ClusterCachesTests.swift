import ControlPlane
import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct ClusterCachesTests {
    private static let nodes = "/api/v1/nodes"
    private static let pods = "/api/v1/pods"
    private static let secrets = "/api/v1/secrets"
    private static let events = "/api/v1/events"
    private static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

    private static func node(_ gpus: Int) -> JSONValue {
        ["status": ["allocatable": ["nvidia.com/gpu": .string(String(gpus))]]]
    }

    private static func gpus(_ caches: ClusterCaches) -> [String: Int64] {
        var gpus: [String: Int64] = [:]
        for node in caches.nodes.objects {
            gpus[node.metadata.name] = node.allocatable["nvidia.com/gpu"]?.units
        }
        return gpus
    }

    // MARK: Following

    @Test func `the first list is read in parts`() async throws {
        let served = ServedCluster()
        for number in 1...5 { served.put(Self.nodes, "n\(number)", Self.node(number)) }
        try await RunningCaches.run(served) { running, server in
            #expect(running.caches.nodes.state.age(at: running.now) == nil)
            await running.waitUntilSynced()
            #expect(Self.gpus(running.caches) == ["n1": 1, "n2": 2, "n3": 3, "n4": 4, "n5": 5])
            let lists = server.requests.filter { $0.path == Self.nodes && $0.query["watch"] == nil }
            #expect(lists.map { $0.query["continue"] } == [nil, "2", "4"])
            #expect(lists.map { $0.query["limit"] } == ["2", "2", "2"])
            #expect(running.caches.nodes.state.age(at: running.now) == 0)
        }
    }

    @Test func `what is made, changed and deleted is followed, and snapshots stay as they were`() async throws
    {
        let served = ServedCluster()
        for name in ["a", "b"] { served.put(Self.nodes, name, Self.node(1)) }
        try await RunningCaches.run(served) { running, _ in
            await running.waitUntilSynced()
            let before = running.caches.nodes
            served.put(Self.nodes, "c", Self.node(3))
            served.put(Self.nodes, "a", Self.node(8))
            served.delete(Self.nodes, "b")
            await running.wait { Self.gpus($0) == ["a": 8, "c": 3] }
            #expect(running.caches.nodes.count == 2)
            #expect(running.caches.nodes.revision > before.revision)
            #expect(before.count == 2)
            #expect(before[ResourceKey(name: "a")]?.allocatable["nvidia.com/gpu"]?.units == 1)
            #expect(before[ResourceKey(name: "b")] != nil)
        }
    }

    @Test func `a list after changes were forgotten drops what is gone`() async throws {
        let served = ServedCluster()
        for name in ["a", "b", "c"] { served.put(Self.nodes, name, Self.node(1)) }
        try await RunningCaches.run(served) { running, server in
            await running.waitUntilSynced()
            // Nothing of this is told by a watch: when the connections are back, it is forgotten.
            served.setOut(true)
            await running.wait { !$0.nodes.state.isConnected }
            served.delete(Self.nodes, "b")
            served.put(Self.nodes, "d", Self.node(4))
            served.forget(Self.nodes)
            served.setOut(false)
            await running.wait { Self.gpus($0) == ["a": 1, "c": 1, "d": 4] }
            let lists = server.requests.filter { $0.path == Self.nodes && $0.query["watch"] == nil }
            #expect(lists.filter { $0.query["continue"] == nil }.count >= 2)
        }
    }

    // MARK: Refusals

    @Test("what is refused is unavailable, and the rest works", arguments: [403, 404])
    func refused(code: Int) async throws {
        let served = ServedCluster()
        served.put(Self.nodes, "a", Self.node(1))
        served.put(Self.events, "e", ["metadata": ["namespace": "n"]])
        served.refuse(Self.events, code)
        try await RunningCaches.run(served) { running, _ in
            let cluster = ClusterAccess(
                name: "test",
                isSimulated: false,
                client: running.client,
                caches: running.caches
            )
            await running.waitUntilSynced()
            await running.wait { caches in
                caches.reports.allSatisfy { $0.state.isConnected || $0.state.isUnavailable }
            }
            #expect(running.caches.events.state.isUnavailable)
            #expect(!running.caches.events.state.isSynced)
            #expect(running.caches.events.state.lastError?.status?.code == code)
            #expect(Self.gpus(running.caches) == ["a": 1])
            #expect(cluster.problem(at: running.now) == nil)
            served.refuse(Self.events, nil)
            await running.wait { $0.events.state.isSynced && $0.events.state.isConnected }
            #expect(running.caches.events.count == 1)
            #expect(!running.caches.events.state.isUnavailable)
        }
    }

    @Test func `what may no longer be read is forgotten`() async throws {
        let served = ServedCluster()
        served.put(Self.nodes, "a", Self.node(1))
        try await RunningCaches.run(served) { running, _ in
            await running.waitUntilSynced()
            served.refuse(Self.nodes, 403)
            await running.wait { $0.nodes.state.isUnavailable }
            #expect(running.caches.nodes.count == 0)
            #expect(running.caches.nodes.state.age(at: running.now) == nil)
        }
    }

    // MARK: Custom resources

    private static let rays = GroupVersionResource(group: "ray.io", version: "v1", resource: "rayservices")

    @Test func `a custom resource is kept from when its definition comes to when it goes`() async throws {
        let served = ServedCluster()
        let rays = Self.rays.groupResource
        let path = "/apis/ray.io/v1/rayservices"
        served.put(path, "r", ["metadata": ["namespace": "n"], "spec": ["replicas": 2]])
        try await RunningCaches.run(served, customResources: [Self.rays]) { running, server in
            await running.waitUntilSynced()
            #expect(running.caches.customResources(rays) == nil)
            #expect(!server.requests.contains { $0.path == path })
            served.put(Self.definitions, rays.description, Self.definition(rays, version: "v1"))
            await running.wait { $0.customResources(rays)?.count == 1 }
            let found = running.caches.customResources(rays)?[ResourceKey(namespace: "n", name: "r")]
            #expect(found?.object.json["spec"]?["replicas"] == 2)
            #expect(running.caches.reports.contains { $0.resource == rays })
            served.delete(Self.definitions, rays.description)
            await running.wait { $0.customResources(rays) == nil }
            #expect(!running.caches.reports.contains { $0.resource == rays })
        }
    }

    @Test func `what is known stays known while objects of a definition that came are first listed`()
        async throws
    {
        let served = ServedCluster()
        let rays = Self.rays.groupResource
        let release = served.hold("/apis/ray.io/v1/rayservices")
        defer { release() }
        try await RunningCaches.run(
            served,
            customResources: [Self.rays]
        ) { running, _ in
            await running.wait { $0.customResourceStates(of: [rays]).isEmpty }
            #expect(running.caches.definitions.state.isSynced)
            served.put(Self.definitions, rays.description, Self.definition(rays, version: "v1"))
            await running.wait { $0.customResources(rays) != nil }
            #expect(running.caches.customResources(rays)?.state.isSynced == false)
            #expect(running.caches.customResourceStates(of: [rays]).isEmpty)
            release()
            await running.wait { $0.customResourceStates(of: [rays]).first?.isSynced == true }
        }
    }

    @Test func `nothing is known before objects of definitions that were there have been listed`()
        async throws
    {
        let served = ServedCluster()
        let rays = Self.rays.groupResource
        served.put(Self.definitions, rays.description, Self.definition(rays, version: "v1"))
        let release = served.hold("/apis/ray.io/v1/rayservices")
        defer { release() }
        try await RunningCaches.run(
            served,
            customResources: [Self.rays]
        ) { running, _ in
            await running.wait { $0.customResources(rays) != nil }
            #expect(running.caches.customResourceStates(of: [rays]).map(\.isSynced) == [false])
            release()
            await running.wait { $0.customResourceStates(of: [rays]).first?.isSynced == true }
        }
    }

    @Test func `it is not known which definitions there are before they have been read`() async throws {
        let served = ServedCluster()
        let rays = Self.rays.groupResource
        let release = served.hold(Self.definitions)
        defer { release() }
        try await RunningCaches.run(
            served,
            customResources: [Self.rays]
        ) { running, _ in
            await running.wait { $0.nodes.state.isSynced }
            #expect(running.caches.customResourceStates(of: [rays]).map(\.isSynced) == [false])
            release()
            await running.wait { $0.customResourceStates(of: [rays]).isEmpty }
        }
    }

    @Test func `a custom resource is read anew in the version that its definition serves now`() async throws {
        let served = ServedCluster()
        let rays = Self.rays.groupResource
        served.put("/apis/ray.io/v1alpha1/rayservices", "old", ["metadata": ["namespace": "n"]])
        served.put("/apis/ray.io/v1/rayservices", "new", ["metadata": ["namespace": "n"]])
        served.put(Self.definitions, rays.description, Self.definition(rays, version: "v1alpha1"))
        try await RunningCaches.run(served, customResources: [Self.rays]) { running, _ in
            await running.wait { $0.customResources(rays)?.objects.map(\.metadata.name) == ["old"] }
            served.put(Self.definitions, rays.description, Self.definition(rays, version: "v1"))
            await running.wait { $0.customResources(rays)?.objects.map(\.metadata.name) == ["new"] }
        }
    }

    private static func definition(_ resource: GroupResource, version: String) -> JSONValue {
        [
            "spec": [
                "group": .string(resource.group), "scope": "Namespaced",
                "names": ["plural": .string(resource.resource), "kind": "RayService"],
                "versions": [["name": .string(version), "served": true, "storage": true]],
            ],
            "status": ["conditions": [["type": "Established", "status": "True"]]],
        ]
    }

    // MARK: Secrets

    @Test func `no byte of a secret's values is kept`() async throws {
        let served = ServedCluster()
        let value = "czNjcjN0LXZhbHVl"
        served.put(
            Self.secrets,
            "token",
            [
                "metadata": [
                    "namespace": "n", "labels": ["app.kubernetes.io/managed-by": "ingot"],
                    "annotations": [
                        "kubectl.kubernetes.io/last-applied-configuration": .string("data: \(value)")
                    ],
                ],
                "type": "Opaque", "data": ["password": .string(value)],
                "stringData": ["other": .string(value)],
            ]
        )
        try await RunningCaches.run(served) { running, server in
            await running.wait { $0.secrets.count == 1 }
            let secret = try #require(running.caches.secrets[ResourceKey(namespace: "n", name: "token")])
            #expect(secret.keys == ["password"])
            #expect(secret.type == "Opaque")
            var text = ""
            dump(secret, to: &text)
            #expect(text.contains("password"))
            #expect(!text.contains(value))
            let asked = try #require(server.requests.first { $0.path == Self.secrets })
            #expect(asked.query["labelSelector"] == "app.kubernetes.io/managed-by=ingot")
        }
    }

    // MARK: Operators

    private static func operatorPod(_ name: String, isReady: Bool = true) -> JSONValue {
        [
            "metadata": ["namespace": "operators", "labels": ["app": .string(name)]],
            "status": ["conditions": [["type": "Ready", "status": isReady ? "True" : "False"]]],
        ]
    }

    @Test func `an operator is known to run as its pods come, change, go and are listed anew`() async throws {
        let served = ServedCluster()
        let provider = try #require(Provider.all.first { $0.id == "kuberay" })
        func isRunning(_ caches: ClusterCaches) -> Bool {
            ProviderInstallation(provider, caches)?.isOperatorReady == true
        }
        served.put(Self.pods, "listed", Self.operatorPod("kuberay-operator"))
        served.put(Self.pods, "other", Self.operatorPod("other"))
        try await RunningCaches.run(served) { running, _ in
            await running.wait(until: isRunning)
            served.put(Self.pods, "listed", Self.operatorPod("kuberay-operator", isReady: false))
            await running.wait { !isRunning($0) }
            served.put(Self.pods, "second", Self.operatorPod("kuberay-operator"))
            await running.wait(until: isRunning)
            #expect(Set(running.caches.operatorPods.map(\.metadata.name)) == ["listed", "second"])
            served.put(Self.pods, "second", Self.operatorPod("other"))
            await running.wait { !isRunning($0) }
            served.put(Self.pods, "listed", Self.operatorPod("kuberay-operator"))
            await running.wait(until: isRunning)
            served.delete(Self.pods, "listed")
            await running.wait { !isRunning($0) }
            served.setOut(true)
            await running.wait { !$0.pods.state.isConnected }
            served.put(Self.pods, "third", Self.operatorPod("kuberay-operator"))
            served.forget(Self.pods)
            served.setOut(false)
            await running.wait(until: isRunning)
            served.refuse(Self.pods, 403)
            await running.wait { !isRunning($0) }
            // Nobody knows: that is not the same as an operator that is not there.
            #expect(ProviderInstallation(provider, running.caches) == nil)
        }
    }

    // MARK: Outages

    @Test func `in an outage reads go on, what is known ages, and it recovers`() async throws {
        let served = ServedCluster()
        served.put(Self.nodes, "a", Self.node(1))
        try await RunningCaches.run(served) { running, _ in
            let cluster = ClusterAccess(
                name: "test",
                isSimulated: false,
                client: running.client,
                caches: running.caches
            )
            await running.wait { $0.reports.allSatisfy { $0.state.isSynced && $0.state.isConnected } }
            #expect(cluster.problem(at: running.now) == nil)
            served.setOut(true)
            await running.wait { $0.reports.allSatisfy { !$0.state.isConnected } }
            #expect(!cluster.isConnected)
            #expect(Self.gpus(running.caches) == ["a": 1])
            #expect(running.caches.nodes.state.age(at: running.now) == 0)
            running.advance(seconds: 42)
            #expect(running.caches.nodes.state.age(at: running.now) == 42)
            #expect(running.caches.nodes.state.lastError != nil)
            let problem = try #require(cluster.problem(at: running.now))
            #expect(problem.hasPrefix("the API server is away; what is known is up to 42 s old: "))
            #expect(throws: ClusterUnavailable.self) { try cluster.requireConnection(at: running.now) }
            served.put(Self.nodes, "b", Self.node(2))
            served.setOut(false)
            await running.wait { caches in
                Self.gpus(caches) == ["a": 1, "b": 2] && caches.reports.allSatisfy { $0.state.isConnected }
            }
            #expect(cluster.problem(at: running.now) == nil)
            #expect(running.caches.nodes.state.age(at: running.now) == 0)
            try cluster.requireConnection(at: running.now)
        }
    }

    @Test func `a server that was never there is said to be away`() async throws {
        let served = ServedCluster()
        served.setOut(true)
        try await RunningCaches.run(served) { running, _ in
            await running.wait { $0.reports.allSatisfy { $0.state.lastError != nil } }
            let cluster = ClusterAccess(
                name: "test",
                isSimulated: false,
                client: running.client,
                caches: running.caches
            )
            let problem = try #require(cluster.problem(at: running.now))
            #expect(problem.hasPrefix("the cluster's nodes have not been read yet: "))
            for provider in Provider.all { #expect(ProviderInstallation(provider, running.caches) == nil) }
        }
    }
}
