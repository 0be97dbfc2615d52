import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReadConformanceTests {
    private static let chosen = ObjectSelection(labels: LabelSelector(matching: ["chosen": "yes"]))

    @Test func `a list comes in parts of one version`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            for name in ["a", "b", "c", "d", "e", "f"] {
                _ = try await client.create(
                    .configMaps,
                    ConformingCluster.configMap(name, labels: ["chosen": name == "c" ? "no" : "yes"]),
                    namespace: namespace
                )
            }
            var counts: [Int] = []
            var versions: Set<String> = []
            try await client.list(.configMaps, namespace: namespace, Self.chosen, pageSize: 2) { page in
                counts.append(page.items.count)
                versions.insert(page.resourceVersion)
            }
            #expect(counts == [2, 2, 1])
            #expect(versions.count == 1)
            let list = try await client.list(.configMaps, namespace: namespace, Self.chosen, pageSize: 2)
            #expect(list.items.map { KubernetesObject($0).name } == ["a", "b", "d", "e", "f"])
        }
    }

    @Test func `a watch tells each change once and in order, also after its end`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let map = ConformingCluster.configMap("a", ["k": "0"], labels: ["chosen": "yes"])
            _ = try await client.create(.configMaps, map, namespace: namespace)
            var settings = ListWatch.Settings()
            // The server ends each watch after a second, so that some are opened.
            settings.watchTime = .seconds(1)
            let watch = client.watch(.configMaps, namespace: namespace, Self.chosen, settings: settings)
            let start = ContinuousClock.now
            var (listings, told, made) = (0, [String](), 0)
            for await event in watch {
                switch event {
                case .listing: listings += 1
                case .listed(let object): told.append(try object.json()["data"]?["k"]?.stringValue ?? "")
                case .modified(let object): told.append(try object.json()["data"]?["k"]?.stringValue ?? "")
                case .status(let status): #expect(status == .connected)
                case .bookmark: continue
                case .synced: break
                case .added, .deleted: Issue.record("an unexpected event: \(event)")
                }
                guard told.count == made + 1 else { continue }
                if start.duration(to: .now) > .milliseconds(2500) { break }
                made += 1
                _ = try await client.patch(
                    .configMaps,
                    "a",
                    .merge(["data": ["k": .string(String(made))]]),
                    namespace: namespace
                )
            }
            #expect(listings == 1)
            #expect(told == (0...made).map(String.init))
        }
    }

    @Test func `a watch tells what comes to match its selection and what ceases to`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            var (told, isSynced) = ([String](), false)
            for await event in client.watch(.configMaps, namespace: namespace, Self.chosen) {
                switch event {
                case .added(let object): told.append("added \(KubernetesObject(try object.json()).name)")
                case .deleted(let object): told.append("deleted \(KubernetesObject(try object.json()).name)")
                case .modified(let object):
                    told.append("modified \(KubernetesObject(try object.json()).name)")
                default: break
                }
                if case .status(.connected) = event, !isSynced {
                    isSynced = true
                    let map = ConformingCluster.configMap("a", labels: ["chosen": "no"])
                    _ = try await client.create(.configMaps, map, namespace: namespace)
                    for label in ["yes", "no", "yes"] {
                        let change: JSONValue = ["metadata": ["labels": ["chosen": .string(label)]]]
                        _ = try await client.patch(.configMaps, "a", .merge(change), namespace: namespace)
                    }
                    try await client.delete(.configMaps, "a", namespace: namespace)
                }
                if told.count == 4 { break }
            }
            #expect(told == ["added a", "deleted a", "added a", "deleted a"])
        }
    }

    @Test func `the log of a pod that is not there, or that runs nowhere, is refused`() async throws {
        try await ConformingCluster.use { cluster in
            let namespace = cluster.namespace
            let missing = await cluster.failure { _ = try await $0.logs(pod: "p", namespace: namespace) }
            #expect(missing?.isNotFound == true)
            _ = try await cluster.client.create(.pods, ConformingCluster.pod("p"), namespace: namespace)
            let idle = await cluster.failure { _ = try await $0.logs(pod: "p", namespace: namespace) }
            #expect(idle?.status?.code == 400)
        }
    }

    @Test func `reviews tell who may do what, and whose a token is`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let request = AccessRequest("create", .configMaps, namespace: namespace)
            let own = try await client.mayAccess(request)
            #expect(own.isAllowed)
            let other = try await client.mayAccess(
                "somebody",
                groups: ["system:masters"],
                AccessRequest("delete", .pods, namespace: namespace, name: "p")
            )
            #expect(other.isAllowed)
            let nobody = try await client.review(token: "nobody's")
            #expect(nobody == nil)
            let answer = try await client.create(
                .serviceAccounts,
                [
                    "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                    "spec": ["expirationSeconds": 600],
                ],
                namespace: namespace,
                subresource: "token",
                of: "default"
            )
            let token = try #require(answer["status"]?["token"]?.stringValue)
            let account = try await client.review(token: token)
            #expect(account?.username == "system:serviceaccount:\(namespace):default")
            #expect(account?.groups.contains("system:serviceaccounts:\(namespace)") == true)
            let foreign = try await client.review(token: token, audiences: ["example.com"])
            #expect(foreign == nil)
        }
    }

    @Test func `discovery tells what is served`() async throws {
        try await ConformingCluster.use { cluster in
            let discovery = try await cluster.client.discovery()
            let pods = try #require(discovery.resource(GroupResource(group: "", resource: "pods")))
            #expect(pods.resource == .pods)
            #expect(pods.kind == "Pod")
            #expect(pods.isNamespaced)
            #expect(pods.shortNames == ["po"])
            #expect(Set(pods.verbs).isSuperset(of: ["create", "delete", "get", "list", "patch", "watch"]))
            #expect(Set(pods.subresources).isSuperset(of: ["log", "status"]))
            let type = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
            let deployments = try #require(discovery.resource(for: type))
            #expect(deployments.resource == .deployments)
            #expect(deployments.subresources.contains("scale"))
            let namespaces = discovery.resource(GroupResource(group: "", resource: "namespaces"))
            #expect(namespaces?.isNamespaced == false)
            #expect(try await cluster.client.serverVersion().hasPrefix("v1."))
        }
    }
}
