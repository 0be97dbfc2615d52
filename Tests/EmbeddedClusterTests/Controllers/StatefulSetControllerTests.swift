import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct StatefulSetControllerTests {
    private static let controllers: [any Controller] = [StatefulSetController()]

    private static func set(_ more: JSONValue = [:]) -> JSONValue {
        var spec: JSONValue = [
            "replicas": 3, "serviceName": "db", "selector": ["matchLabels": ["app": "db"]],
            "template": [
                "metadata": ["labels": ["app": "db"]],
                "spec": ["containers": [["name": "c", "image": "db:1"]]],
            ],
        ]
        for member in more.objectValue ?? JSONMembers() { spec[member.key] = member.value }
        return ["spec": spec]
    }

    private static func isDone(_ state: ClusterState, _ image: String = "db:1") -> Bool {
        guard let set = state.object(.statefulSets, "default", "db") else { return false }
        return set.status["readyReplicas"] == set.spec["replicas"]
            && set.status["updatedReplicas"] == set.spec["replicas"]
            && set.status["currentRevision"] == set.status["updateRevision"]
            && set.status["observedGeneration"]?.integerValue == set.generation
            && state.objects(.pods).allSatisfy { DeploymentControllerTests.image($0) == image }
    }

    /// The order in which pods came and went.
    private func course(_ cluster: RunningControllers) async throws -> [String] {
        var iterator = cluster.api.store.changes(of: .pods, since: 0).makeAsyncIterator()
        return try #require(await iterator.next()).changes.compactMap { change in
            switch (change.previous, change.current) {
            case (nil, let new?): "+\(new.name)"
            case (let old?, nil): "-\(old.name)"
            default: nil
            }
        }
    }

    @Test("pods come in order with claims of their own, and go in reverse while the claims stay")
    func orders() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(
            .statefulSets,
            "db",
            Self.set([
                "volumeClaimTemplates": [
                    [
                        "metadata": ["name": "data"],
                        "spec": [
                            "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                        ],
                    ]
                ]
            ])
        )
        try await cluster.eventually("ready") { Self.isDone($0) }
        let pod = try #require(cluster.get(.pods, "db-1"))
        #expect(pod.label("apps.kubernetes.io/pod-index") == "1")
        #expect(pod.spec["hostname"] == "db-1" && pod.spec["subdomain"] == "db")
        #expect(pod.spec["volumes"]?[0]?["persistentVolumeClaim"]?["claimName"] == "data-db-1")
        #expect(
            cluster.api.list(.persistentVolumeClaims).map(\.name) == ["data-db-0", "data-db-1", "data-db-2"]
        )
        try await cluster.update(.statefulSets, "db") { $0.json[at: "spec", "replicas"] = 1 }
        try await cluster.eventually("scaled") { $0.objects(.pods).count == 1 }
        #expect(try await course(cluster) == ["+db-0", "+db-1", "+db-2", "-db-2", "-db-1"])
        #expect(cluster.api.list(.persistentVolumeClaims).count == 3)
    }

    @Test("an update goes from the last pod to the first, and no further than the partition")
    func updates() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.statefulSets, "db", Self.set())
        try await cluster.eventually("ready") { Self.isDone($0) }
        try await cluster.update(.statefulSets, "db") { set in
            set.json[at: "spec", "updateStrategy", "rollingUpdate", "partition"] = 2
            set.json[at: "spec", "template", "spec", "containers"] = [["name": "c", "image": "db:2"]]
        }
        try await cluster.eventually("one is updated") { state in
            let set = state.object(.statefulSets, "default", "db")
            return set?.status["updatedReplicas"] == 1 && set?.status["readyReplicas"] == 3
        }
        #expect(
            cluster.api.list(.pods).map { DeploymentControllerTests.image($0) } == ["db:1", "db:1", "db:2"]
        )
        try await cluster.update(.statefulSets, "db") { set in
            set.json[at: "spec", "updateStrategy", "rollingUpdate", "partition"] = 0
        }
        try await cluster.eventually("all are updated") { Self.isDone($0, "db:2") }
        #expect(
            try await course(cluster).dropFirst(3)
                == ["-db-2", "+db-2", "-db-1", "+db-1", "-db-0", "+db-0"]
        )
        #expect(cluster.api.list(.controllerRevisions).count == 2)
        let template = cluster.api.list(.controllerRevisions)[0].json["data"]?["spec"]?["template"]
        #expect(template?["$patch"] == "replace")
    }

    @Test("parallel pods do not wait for each other")
    func parallel() async throws {
        let cluster = try await RunningControllers(
            Self.controllers,
            kubelet: PlayedKubelet(status: { _ in nil })
        )
        try await cluster.create(.statefulSets, "db", Self.set(["podManagementPolicy": "Parallel"]))
        try await cluster.eventually("all are there though none is ready") { $0.objects(.pods).count == 3 }
        #expect(cluster.messages("SuccessfulCreate").contains("create Pod db-0 in StatefulSet db successful"))
    }
}
