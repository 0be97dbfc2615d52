import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct WriteConformanceTests {
    @Test func `an object is created, read, replaced and deleted`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let made = try await client.create(
                .configMaps,
                ConformingCluster.configMap("a", ["k": "1"]),
                namespace: namespace
            )
            #expect(!KubernetesObject(made).uid.isEmpty)
            #expect(KubernetesObject(made).creationTimestamp != nil)
            var read = try await client.get(.configMaps, "a", namespace: namespace)
            #expect(read == made)
            read["data"] = ["k": "2"]
            let replaced = try await client.update(.configMaps, read, namespace: namespace)
            #expect(replaced["data"]?["k"] == "2")
            #expect(KubernetesObject(replaced).resourceVersion != KubernetesObject(made).resourceVersion)
            try await client.delete(.configMaps, "a", namespace: namespace)
            let gone = await cluster.failure { _ = try await $0.get(.configMaps, "a", namespace: namespace) }
            #expect(gone?.isNotFound == true)
            #expect(gone?.status?.message == #"configmaps "a" not found"#)
        }
    }

    @Test func `a second object of a name, an object that breaks rules and an unknown field are refused`()
        async throws
    {
        try await ConformingCluster.use { cluster in
            let namespace = cluster.namespace
            let map = ConformingCluster.configMap("a")
            _ = try await cluster.client.create(.configMaps, map, namespace: namespace)
            let second = await cluster.failure {
                _ = try await $0.create(.configMaps, map, namespace: namespace)
            }
            #expect(second?.isAlreadyExists == true)
            #expect(second?.isConflict == false)
            let invalid = await cluster.failure {
                _ = try await $0.create(
                    .configMaps,
                    ConformingCluster.configMap("Not_A_Name"),
                    namespace: namespace
                )
            }
            #expect(invalid?.isInvalid == true)
            #expect(invalid?.status?.causes.first?.field == "metadata.name")
            var unknown = ConformingCluster.configMap("b")
            unknown["dato"] = ["k": "v"]
            let strict = await cluster.failure {
                _ = try await $0.create(
                    .configMaps,
                    unknown,
                    namespace: namespace,
                    options: WriteOptions(fieldValidation: .strict)
                )
            }
            #expect(strict?.status?.code == 400)
            #expect(strict?.status?.message.contains(#"unknown field "dato""#) == true)
        }
    }

    @Test func `an update of an older version conflicts`() async throws {
        try await ConformingCluster.use { cluster in
            let namespace = cluster.namespace
            var old = try await cluster.client.create(
                .configMaps,
                ConformingCluster.configMap("a"),
                namespace: namespace
            )
            _ = try await cluster.client.patch(
                .configMaps,
                "a",
                .merge(["data": ["k": "1"]]),
                namespace: namespace
            )
            old["data"] = ["k": "2"]
            let stale = old
            let conflict = await cluster.failure {
                _ = try await $0.update(.configMaps, stale, namespace: namespace)
            }
            #expect(conflict?.isConflict == true)
        }
    }

    @Test func `a merge, a JSON and a strategic merge patch change what they name`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            _ = try await client.create(
                .pods,
                ConformingCluster.pod("p"),
                namespace: namespace
            )
            _ = try await client.patch(
                .pods,
                "p",
                .merge(["metadata": ["labels": ["a": "1", "b": "1"]]]),
                namespace: namespace
            )
            _ = try await client.patch(
                .pods,
                "p",
                .json([
                    ["op": "test", "path": "/metadata/labels/a", "value": "1"],
                    ["op": "replace", "path": "/metadata/labels/a", "value": "2"],
                    ["op": "remove", "path": "/metadata/labels/b"],
                ]),
                namespace: namespace
            )
            // Containers are merged by their names.
            let patched = try await client.patch(
                .pods,
                "p",
                .strategic([
                    "spec": ["containers": [["name": "main", "image": "registry.k8s.io/pause:3.9"]]]
                ]),
                namespace: namespace
            )
            #expect(patched["metadata"]?["labels"] == ["a": "2"])
            let containers = try #require(patched["spec"]?["containers"]?.arrayValue)
            #expect(containers.map { $0["image"] } == ["registry.k8s.io/pause:3.9"])
            #expect(containers.first?["terminationMessagePath"] == "/dev/termination-log")
        }
    }

    @Test func `a patch of an older version conflicts, and one whose test fails is refused`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let old = KubernetesObject(
                try await client.create(.pods, ConformingCluster.pod("p"), namespace: namespace)
            )
            _ = try await client.patch(
                .pods,
                "p",
                .merge(["metadata": ["labels": ["a": "1"]]]),
                namespace: namespace
            )
            let stale: JSONValue = [
                "metadata": ["resourceVersion": .string(old.resourceVersion), "labels": ["a": "2"]]
            ]
            for patch in [Patch.merge(stale), .strategic(stale)] {
                let conflict = await cluster.failure {
                    _ = try await $0.patch(.pods, "p", patch, namespace: namespace)
                }
                #expect(conflict?.isConflict == true)
            }
            let failed = await cluster.failure {
                let test: JSONValue = ["op": "test", "path": "/metadata/labels/a", "value": "7"]
                let change: JSONValue = ["op": "replace", "path": "/metadata/labels/a", "value": "8"]
                _ = try await $0.patch(.pods, "p", .json([test, change]), namespace: namespace)
            }
            #expect(failed?.isInvalid == true)
            let read = try await client.get(.pods, "p", namespace: namespace)
            #expect(read["metadata"]?["labels"] == ["a": "1"])
        }
    }

    @Test func `an apply of another manager's field conflicts unless it is forced`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            let first = ConformingCluster.configMap("a", ["k": "1", "only": "first"])
            _ = try await client.apply(.configMaps, first, namespace: namespace, manager: "first")
            let second = ConformingCluster.configMap("a", ["k": "2"])
            let conflict = await cluster.failure {
                _ = try await $0.apply(.configMaps, second, namespace: namespace, manager: "second")
            }
            #expect(conflict?.isConflict == true)
            #expect(conflict?.status?.causes.contains { $0.message.contains(#""first""#) } == true)
            let forced = try await client.apply(
                .configMaps,
                second,
                namespace: namespace,
                manager: "second",
                force: true
            )
            #expect(forced["data"] == ["k": "2", "only": "first"])
            // What its only owner no longer applies goes.
            let less = try await client.apply(
                .configMaps,
                ConformingCluster.configMap("a"),
                namespace: namespace,
                manager: "first"
            )
            #expect(less["data"] == ["k": "2"])
        }
    }

    @Test func `a dry run changes nothing`() async throws {
        try await ConformingCluster.use { cluster in
            let namespace = cluster.namespace
            let made = try await cluster.client.create(
                .configMaps,
                ConformingCluster.configMap("a", ["k": "1"]),
                namespace: namespace,
                options: WriteOptions(isDryRun: true)
            )
            #expect(made["data"]?["k"] == "1")
            let gone = await cluster.failure { _ = try await $0.get(.configMaps, "a", namespace: namespace) }
            #expect(gone?.isNotFound == true)
            let (client, dry) = (cluster.client, WriteOptions(isDryRun: true))
            let map = ConformingCluster.configMap("a", ["k": "1"])
            let before = try await client.create(.configMaps, map, namespace: namespace)
            var other = before
            other["data"] = ["k": "2"]
            let updated = try await client.update(.configMaps, other, namespace: namespace, options: dry)
            #expect(updated["data"] == ["k": "2"])
            let patched = try await client.patch(
                .configMaps,
                "a",
                .merge(["data": ["k": "3"]]),
                namespace: namespace,
                options: dry
            )
            #expect(patched["data"] == ["k": "3"])
            let applied = try await client.apply(
                .configMaps,
                ConformingCluster.configMap("a", ["l": "4"]),
                namespace: namespace,
                manager: "m",
                isDryRun: true
            )
            #expect(applied["data"] == ["k": "1", "l": "4"])
            let after = try await client.get(.configMaps, "a", namespace: namespace)
            #expect(after == before)
        }
    }

    @Test func `the status is written apart from the rest`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            _ = try await client.create(.pods, ConformingCluster.pod("p"), namespace: namespace)
            let condition: JSONValue = ["type": "example.com/checked", "status": "True"]
            let change: JSONValue = [
                "metadata": ["labels": ["a": "1"]], "status": ["conditions": [condition]],
            ]
            let plain = try await client.patch(.pods, "p", .merge(change), namespace: namespace)
            #expect(plain["metadata"]?["labels"] == ["a": "1"])
            #expect(KubernetesObject(plain).condition("example.com/checked") == nil)
            var specification = change
            specification["spec"] = ["activeDeadlineSeconds": 7]
            let status = try await client.patch(
                .pods,
                "p",
                .strategic(specification),
                namespace: namespace,
                subresource: "status"
            )
            #expect(KubernetesObject(status).condition("example.com/checked")?["status"] == "True")
            #expect(status["spec"]?["activeDeadlineSeconds"] == nil)
            let read = try await client.get(.pods, "p", namespace: namespace, subresource: "status")
            #expect(KubernetesObject(read).condition("example.com/checked") != nil)
        }
    }

    @Test func `the scale is written as an object of its own`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            // Paused, so that no pod comes of it.
            let deployment: JSONValue = [
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "d"],
                "spec": [
                    "replicas": 1, "paused": true, "selector": ["matchLabels": ["app": "d"]],
                    "template": [
                        "metadata": ["labels": ["app": "d"]],
                        "spec": ["containers": [["name": "main", "image": "registry.k8s.io/pause:3.10"]]],
                    ],
                ],
            ]
            _ = try await client.create(.deployments, deployment, namespace: namespace)
            let scale = try await client.scale(.deployments, "d", namespace: namespace, replicas: 3)
            #expect(scale["kind"] == "Scale")
            #expect(scale["spec"]?["replicas"] == 3)
            let read = try await client.get(.deployments, "d", namespace: namespace)
            #expect(read["spec"]?["replicas"] == 3)
            let found = try await client.get(.deployments, "d", namespace: namespace, subresource: "scale")
            #expect(found["status"]?["selector"] == "app=d")
        }
    }

    @Test func `a selection is deleted as a whole`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            for (name, label) in [("a", "x"), ("b", "y"), ("c", "x")] {
                _ = try await client.create(
                    .configMaps,
                    ConformingCluster.configMap(name, labels: ["in": .string(label)]),
                    namespace: namespace
                )
            }
            try await client.deleteCollection(
                .configMaps,
                namespace: namespace,
                ObjectSelection(labels: LabelSelector(matching: ["in": "x"]))
            )
            let left = try await client.list(
                .configMaps,
                namespace: namespace,
                ObjectSelection(labels: try LabelSelector("in"))
            )
            #expect(left.items.map { KubernetesObject($0).name } == ["b"])
        }
    }
}
