import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct DeploymentControllerTests {
    static let controllers: [any Controller] = [DeploymentController(), ReplicaSetController()]

    static func deployment(replicas: Int64 = 3, image: String = "nginx:1") -> JSONValue {
        [
            "metadata": ["labels": ["app": "web"]],
            "spec": [
                "replicas": .integer(replicas), "selector": ["matchLabels": ["app": "web"]],
                "template": [
                    "metadata": ["labels": ["app": "web"]],
                    "spec": ["containers": [["name": "c", "image": .string(image)]]],
                ],
            ],
        ]
    }

    static func isDone(_ state: ClusterState, _ name: String = "web") -> Bool {
        guard let deployment = state.object(.deployments, "default", name) else { return false }
        return deployment.condition("Progressing")?["reason"] == "NewReplicaSetAvailable"
            && deployment.status["observedGeneration"]?.integerValue == deployment.generation
            && deployment.status["updatedReplicas"] == deployment.spec["replicas"]
            && deployment.status["replicas"] == deployment.spec["replicas"]
    }

    static func image(_ object: KubernetesObject) -> String? {
        object.spec["containers"]?[0]?["image"]?.stringValue
    }

    @Test("a deployment makes a replica set and its pods, and says how far it is")
    func rollsOut() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.deployments, "web", Self.deployment())
        try await cluster.eventually("rolled out") { Self.isDone($0) }
        let deployment = try #require(cluster.get(.deployments, "web"))
        let set = try #require(cluster.api.list(.replicaSets).first)
        #expect(deployment.annotation("deployment.kubernetes.io/revision") == "1")
        #expect(set.annotation("deployment.kubernetes.io/revision") == "1")
        #expect(set.annotation("deployment.kubernetes.io/desired-replicas") == "3")
        #expect(set.annotation("deployment.kubernetes.io/max-replicas") == "4")
        #expect(set.name == "web-\(set.label("pod-template-hash") ?? "")")
        #expect(set.status["availableReplicas"] == 3)
        let pods = cluster.api.list(.pods)
        #expect(pods.count == 3)
        #expect(pods.allSatisfy { $0.name.hasPrefix(set.name + "-") && $0.controller?.uid == set.uid })
        #expect(deployment.condition("Available")?["reason"] == "MinimumReplicasAvailable")
        #expect(
            deployment.condition("Progressing")?["message"]?.stringValue
                == "ReplicaSet \"\(set.name)\" has successfully progressed."
        )
        #expect(cluster.messages("ScalingReplicaSet") == ["Scaled up replica set \(set.name) from 0 to 3"])
        #expect(cluster.messages("SuccessfulCreate").count == 3)
    }

    @Test("a new template moves the pods over with no more and no fewer than the strategy allows")
    func rollsOver() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.deployments, "web", Self.deployment(replicas: 4))
        try await cluster.eventually("rolled out") { Self.isDone($0) }
        let revision = cluster.api.state.revision
        try await cluster.update(.deployments, "web") { deployment in
            deployment.json[at: "spec", "template", "spec", "containers"] = [
                ["name": "c", "image": "nginx:2"]
            ]
        }
        try await cluster.eventually("rolled over") { state in
            Self.isDone(state) && state.objects(.pods).allSatisfy { Self.image($0) == "nginx:2" }
        }
        // Replaying the pods' changes shows how many there were at each moment.
        var live: [String: Bool] = [:]
        var iterator = cluster.api.store.changes(of: .pods, since: 0).makeAsyncIterator()
        for change in try #require(await iterator.next()).changes {
            let pod = try #require(change.object)
            live[pod.name] = change.current.map { PodState.isActive($0) && PodState.isReady($0) }
            if pod.isBeingDeleted || change.current == nil { live[pod.name] = nil }
            if change.revision > revision {
                #expect(live.values.count(where: { $0 }) >= 3)
            }
        }
        // The surge limits what the replica sets ask for: their pods follow when the replica sets' controller comes to it.
        var sizes: [String: Int64] = [:]
        var resizes = cluster.api.store.changes(of: .replicaSets, since: 0).makeAsyncIterator()
        for change in try #require(await resizes.next()).changes {
            let set = try #require(change.object)
            sizes[set.name] = set.desiredReplicas
            #expect(sizes.values.reduce(0, +) <= 5)
        }
        let sets = cluster.api.list(.replicaSets)
        #expect(sets.map(\.desiredReplicas).sorted() == [0, 4])
        #expect(cluster.get(.deployments, "web")?.annotation("deployment.kubernetes.io/revision") == "2")
    }

    @Test("undoing makes the old replica set the newest revision, with the earlier number in its history")
    func rollsBack() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.deployments, "web", Self.deployment())
        try await cluster.eventually("rolled out") { Self.isDone($0) }
        let first = try #require(cluster.api.list(.replicaSets).first)
        for image in ["nginx:2", "nginx:1"] {
            try await cluster.update(.deployments, "web") { deployment in
                deployment.json[at: "spec", "template", "spec", "containers"] = [
                    ["name": "c", "image": .string(image)]
                ]
            }
            try await cluster.eventually("rolled over to \(image)") { state in
                Self.isDone(state) && state.objects(.pods).allSatisfy { Self.image($0) == image }
            }
        }
        let set = try #require(cluster.get(.replicaSets, first.name))
        #expect(cluster.api.list(.replicaSets).count == 2)
        #expect(set.annotation("deployment.kubernetes.io/revision") == "3")
        #expect(set.annotation("deployment.kubernetes.io/revision-history") == "1")
    }

    @Test("a deployment that recreates has no new pod before the last old one is gone")
    func recreates() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        var json = Self.deployment()
        json[at: "spec", "strategy"] = ["type": "Recreate"]
        try await cluster.create(.deployments, "web", json)
        try await cluster.eventually("rolled out") { Self.isDone($0) }
        try await cluster.update(.deployments, "web") { deployment in
            deployment.json[at: "spec", "template", "spec", "containers"] = [
                ["name": "c", "image": "nginx:2"]
            ]
        }
        try await cluster.eventually("rolled over") { state in
            Self.isDone(state) && state.objects(.pods).allSatisfy { Self.image($0) == "nginx:2" }
        }
        var images: [String: String] = [:]
        var iterator = cluster.api.store.changes(of: .pods, since: 0).makeAsyncIterator()
        for change in try #require(await iterator.next()).changes {
            let pod = try #require(change.object)
            images[pod.name] = change.current.flatMap(Self.image)
            #expect(Set(images.values).count <= 1)
        }
    }

    @Test("a paused deployment scales but does not roll")
    func pauses() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        try await cluster.create(.deployments, "web", Self.deployment())
        try await cluster.eventually("rolled out") { Self.isDone($0) }
        try await cluster.update(.deployments, "web") { deployment in
            deployment.json[at: "spec", "paused"] = true
            deployment.json[at: "spec", "replicas"] = 5
            deployment.json[at: "spec", "template", "spec", "containers"] = [
                ["name": "c", "image": "nginx:2"]
            ]
        }
        try await cluster.eventually("scaled") { state in
            state.objects(.pods).count == 5
                && state.object(.deployments, "default", "web")?.status["availableReplicas"] == 5
        }
        #expect(cluster.api.list(.replicaSets).count == 1)
        let paused = cluster.get(.deployments, "web")?.condition("Progressing")
        #expect(paused?["reason"] == "DeploymentPaused")
        try await cluster.update(.deployments, "web") { $0.json[at: "spec", "paused"] = nil }
        try await cluster.eventually("rolled over") { state in
            Self.isDone(state) && state.objects(.pods).allSatisfy { Self.image($0) == "nginx:2" }
        }
    }

    @Test("a rollout that makes no progress in time says so")
    func isLate() async throws {
        let clock = ManualClock()
        let cluster = try await RunningControllers(
            Self.controllers,
            kubelet: PlayedKubelet(status: { _ in nil }),
            clock: clock
        )
        var json = Self.deployment()
        json[at: "spec", "progressDeadlineSeconds"] = 30
        try await cluster.create(.deployments, "web", json)
        try await cluster.eventually("begun") { state in
            let deployment = state.object(.deployments, "default", "web")
            return deployment?.status["unavailableReplicas"] == 3
                && deployment?.status["replicas"] == 3
        }
        try await cluster.eventually("late", passing: .seconds(32)) { state in
            state.object(.deployments, "default", "web")?.condition("Progressing")?["reason"]
                == "ProgressDeadlineExceeded"
        }
        let deployment = try #require(cluster.get(.deployments, "web"))
        #expect(deployment.condition("Progressing")?["status"] == "False")
        #expect(deployment.condition("Available")?["reason"] == "MinimumReplicasUnavailable")
    }

    @Test("no more old replica sets stay than the history keeps")
    func cleansUp() async throws {
        let cluster = try await RunningControllers(Self.controllers)
        var json = Self.deployment(replicas: 1)
        json[at: "spec", "revisionHistoryLimit"] = 1
        try await cluster.create(.deployments, "web", json)
        for number in 2...4 {
            try await cluster.update(.deployments, "web") { deployment in
                deployment.json[at: "spec", "template", "spec", "containers"] = [
                    ["name": "c", "image": .string("nginx:\(number)")]
                ]
            }
            try await cluster.eventually("rolled over") { Self.isDone($0) }
        }
        try await cluster.eventually("cleaned up") { $0.objects(.replicaSets).count == 2 }
    }
}
