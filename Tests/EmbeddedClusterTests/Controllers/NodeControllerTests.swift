import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct NodeControllerTests {
    private static func setReady(
        _ cluster: RunningControllers,
        _ status: String,
        node: String = "node-1"
    ) async throws {
        let now = cluster.api.now().kubernetesTime
        try await cluster.api.updateStatus(.nodes, ObjectKey(name: node), as: "kubelet") { node in
            node.json[at: "status", "conditions"] = [
                ["type": "Ready", "status": .string(status), "lastHeartbeatTime": .string(now)]
            ]
        }
    }

    private static func taints(_ state: ClusterState) -> Set<String> {
        let node = state.object(.nodes, ObjectKey(name: "node-1"))
        return Set(
            (node?.spec["taints"]?.arrayValue ?? []).map {
                "\($0["key"]?.stringValue ?? ""):\($0["effect"]?.stringValue ?? "")"
            }
        )
    }

    @Test("a silent node becomes unknown and unreachable, and loses its pods when they tolerate it no longer")
    func silence() async throws {
        let clock = ManualClock()
        let cluster = try await RunningControllers(
            [NodeLifecycleController(), TaintEvictionController()],
            clock: clock
        )
        try await cluster.create(.nodes, "node-1", [:])
        try await Self.setReady(cluster, "True")
        try await cluster.create(.pods, "a", ["spec": ["containers": [["name": "c", "image": "busybox"]]]])
        try await cluster.eventually("runs on an untainted node") { state in
            state.object(.pods, "default", "a").map(PodState.isReady) == true && Self.taints(state).isEmpty
        }
        try await cluster.eventually("silent", passing: .seconds(50)) { state in
            Self.taints(state) == [
                "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute",
            ]
        }
        let node = cluster.api.get(.nodes, ObjectKey(name: "node-1"))
        #expect(node?.condition("Ready")?["reason"] == "NodeStatusUnknown")
        try await cluster.eventually("not ready") { state in
            state.object(.pods, "default", "a").map(PodState.isReady) == false
        }
        let silent = clock.now
        try await cluster.eventually("evicted", passing: .seconds(300)) { $0.objects(.pods).isEmpty }
        #expect(silent.duration(to: clock.now) >= .seconds(250))
        #expect(cluster.messages("TaintManagerEviction") == ["Marking for deletion Pod default/a"])
    }

    @Test(
        "a node that says it is not ready is tainted so, and no longer when it is ready; a cordon taints it too"
    )
    func conditions() async throws {
        // No time passes: on a slow machine the node would fall silent instead.
        let cluster = try await RunningControllers([NodeLifecycleController()], clock: ManualClock())
        try await cluster.create(.nodes, "node-1", [:])
        try await Self.setReady(cluster, "False")
        try await cluster.eventually("not ready") { state in
            Self.taints(state) == [
                "node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/not-ready:NoExecute",
            ]
        }
        try await cluster.api.update(.nodes, ObjectKey(name: "node-1"), as: "test") {
            $0.json[at: "spec", "unschedulable"] = true
        }
        try await Self.setReady(cluster, "True")
        try await cluster.eventually("cordoned") {
            Self.taints($0) == ["node.kubernetes.io/unschedulable:NoSchedule"]
        }
    }

    @Test("the pods of a node that is gone for long are lost")
    func lostPods() async throws {
        let clock = ManualClock()
        let cluster = try await RunningControllers([PodGarbageCollector()], clock: clock)
        try await cluster.create(.nodes, "node-1", [:])
        try await cluster.create(.pods, "a", ["spec": ["containers": [["name": "c", "image": "busybox"]]]])
        try await cluster.eventually("runs") { $0.objects(.pods).allSatisfy(PodState.isReady) }
        try await cluster.api.delete(.nodes, ObjectKey(name: "node-1"))
        try await cluster.eventually("lost", passing: .seconds(40)) { $0.objects(.pods).isEmpty }
        #expect(clock.now.offset >= .seconds(40))
    }

    @Test("of too many ended pods the oldest go")
    func endedPods() async throws {
        let cluster = try await RunningControllers(
            [PodGarbageCollector(threshold: 2)],
            kubelet: PlayedKubelet(status: { _ in PlayedKubelet.ended("Succeeded", code: 0) })
        )
        try await cluster.create(.nodes, "node-1", [:])
        for name in ["a", "b", "c", "d"] {
            try await cluster.create(
                .pods,
                name,
                ["spec": ["containers": [["name": "c", "image": "busybox"]]]]
            )
        }
        try await cluster.eventually("two are left") { state in
            state.objects(.pods).count == 2 && state.objects(.pods).allSatisfy(PodState.isTerminated)
        }
    }

    @Test("events go an hour after they were last told")
    func events() async throws {
        let clock = ManualClock()
        let cluster = try await RunningControllers([EventExpiry()], clock: clock)
        let map = try await cluster.create(.configMaps, "m", [:])
        let recorder = EventRecorder(api: cluster.api, component: "test")
        await recorder.record(.normal, "Old", "said once", about: map)
        clock.advance(by: .seconds(1800))
        await recorder.record(.normal, "New", "said later", about: map)
        try await cluster.eventually("the old one is gone", passing: .seconds(60)) { state in
            state.objects(.events).compactMap { $0.json["reason"]?.stringValue } == ["New"]
        }
        #expect(clock.now.offset >= .seconds(3600))
    }
}
