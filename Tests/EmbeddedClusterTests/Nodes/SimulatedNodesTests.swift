import Capacity
import JSON
import KubernetesModel
import Logging
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct SimulatedNodesTests {
    private let clock = ManualClock()
    private let cluster: RunningControllers

    init() async throws {
        let clock = clock
        cluster = try await RunningControllers([], kubelet: nil, clock: clock)
        try await cluster.create(.namespaces, "kube-node-lease", [:])
    }

    private func nodes(_ specifications: [NodeSpecification]) -> SimulatedNodes {
        SimulatedNodes(
            specifications: specifications,
            api: cluster.api,
            clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func node(_ name: String) throws -> KubernetesObject {
        try #require(cluster.api.get(.nodes, ObjectKey(name: name)))
    }

    @Test(
        "the default nodes are two with A100s, one with L4s and one without GPUs, with the labels of feature discovery"
    )
    func registersDefaults() async throws {
        try await nodes(NodeSpecification.defaultSet).register()
        let names = cluster.api.list(.nodes).map(\.name)
        #expect(names == ["cpu", "gpu-a100-1", "gpu-a100-2", "gpu-l4"])
        let node = try node("gpu-a100-1")
        #expect(node.label("nvidia.com/gpu.product") == "NVIDIA-A100-SXM4-80GB")
        #expect(node.label("nvidia.com/gpu.memory") == "81920")
        #expect(node.label("nvidia.com/gpu.count") == "8")
        #expect(node.label("nvidia.com/gpu.family") == "ampere")
        #expect(node.label("ingot.dev/simulated") == "true")
        #expect(node.status["allocatable"]?["nvidia.com/gpu"] == "8")
        #expect(node.status["capacity"]?["memory"] == "1207959552Ki")
        #expect(NodeConditions.isReady(node))
        #expect(node.condition("Ready")?["message"] == "kubelet is posting ready status")
        #expect(try self.node("gpu-l4").label("nvidia.com/gpu.family") == "ada-lovelace")
        #expect(try self.node("cpu").label("nvidia.com/gpu.product") == nil)
        #expect(try self.node("cpu").status["capacity"]?["nvidia.com/gpu"] == nil)
        #expect(Set(cluster.api.list(.nodes).map { $0.spec["podCIDR"] }).count == 4)
    }

    @Test(
        "a second registration keeps cordons and labels, adds what is new and removes what is no longer wanted"
    )
    func registersAgain() async throws {
        try await nodes([
            NodeSpecification(name: "a", cpus: 4, memoryGiB: 8),
            NodeSpecification(name: "b", cpus: 4, memoryGiB: 8),
        ]).register()
        try await cluster.api.update(.nodes, ObjectKey(name: "a"), as: "test") { node in
            node.json[at: "spec", "unschedulable"] = true
            node.setLabel("team", "x")
        }
        let addresses = try node("a").spec["podCIDR"]
        try await nodes([
            NodeSpecification(name: "a", cpus: 8, memoryGiB: 8),
            NodeSpecification(name: "c", cpus: 4, memoryGiB: 8),
        ]).register()
        #expect(cluster.api.list(.nodes).map(\.name) == ["a", "c"])
        #expect(try node("a").spec["unschedulable"] == true)
        #expect(try node("a").label("team") == "x")
        #expect(try node("a").spec["podCIDR"] == addresses)
        #expect(try node("a").status["capacity"]?["cpu"] == "8")
        #expect(try node("c").spec["podCIDR"] != addresses)
    }

    @Test(
        "labels and taints of a specification go when it no longer has them; what users have set stays"
    )
    func replacesTraits() async throws {
        let gpus = NodeSpecification.GPUs(product: GPUDescription("NVIDIA-L4", 23034, 8, 9), count: 1)
        try await nodes([
            NodeSpecification(
                name: "a",
                gpus: gpus,
                cpus: 4,
                memoryGiB: 8,
                labels: ["zone": "x", "rack": "1"],
                taints: [.init(key: "nvidia.com/gpu"), .init(key: "old", value: "1", effect: "NoExecute")]
            )
        ]).register()
        try await cluster.api.update(.nodes, ObjectKey(name: "a"), as: "test") { node in
            node.setLabel("team", "x")
            let taints = node.spec["taints"]?.arrayValue ?? []
            node.json[at: "spec", "taints"] = .array(taints + [["key": "mine", "effect": "NoSchedule"]])
        }
        #expect(try node("a").spec["taints"]?.arrayValue?.count == 3)
        try await nodes([
            NodeSpecification(
                name: "a",
                cpus: 4,
                memoryGiB: 8,
                labels: ["zone": "y"],
                taints: [.init(key: "nvidia.com/gpu", value: "present")]
            )
        ]).register()
        let labels = try node("a").labels
        #expect(labels["zone"] == "y" && labels["rack"] == nil && labels["team"] == "x")
        #expect(labels["nvidia.com/gpu.product"] == nil && labels["nvidia.com/gpu.count"] == nil)
        #expect(try node("a").status["capacity"]?["nvidia.com/gpu"] == nil)
        #expect(
            try node("a").spec["taints"] == [
                ["key": "mine", "effect": "NoSchedule"],
                ["key": "nvidia.com/gpu", "effect": "NoSchedule", "value": "present"],
            ]
        )
        try await nodes([NodeSpecification(name: "a", cpus: 4, memoryGiB: 8)]).register()
        #expect(try node("a").spec["taints"] == [["key": "mine", "effect": "NoSchedule"]])
    }

    @Test("leases are renewed every 10 s")
    func renews() async throws {
        let nodes = nodes([NodeSpecification(name: "a", cpus: 4, memoryGiB: 8)])
        try await nodes.register()
        let task = Task { await nodes.run() }
        defer { task.cancel() }
        let key = ObjectKey(namespace: "kube-node-lease", name: "a")
        #expect(cluster.api.get(.leases, key)?.spec["renewTime"] == "2026-01-01T00:00:00.000000Z")
        await clock.somebodySleeps(within: .seconds(10))
        clock.advance(by: .seconds(10))
        try await cluster.eventually("the lease is renewed") { state in
            state.object(.leases, key)?.spec["renewTime"] == "2026-01-01T00:00:10.000000Z"
        }
    }

    @Test("the annotation makes a node not ready, and its removal ready again")
    func showsFailures() async throws {
        let nodes = nodes([NodeSpecification(name: "a", cpus: 4, memoryGiB: 8)])
        try await nodes.register()
        let task = Task { await nodes.run() }
        defer { task.cancel() }
        for (value, status, reason) in [
            ("NotReady", "False", "KubeletNotReady"), ("Unreachable", "Unknown", "NodeStatusUnknown"),
            (nil, "True", "KubeletReady"),
        ] {
            try await cluster.api.update(.nodes, ObjectKey(name: "a"), as: "test") {
                $0.setAnnotation("ingot.dev/simulate", value)
            }
            try await cluster.eventually("the node is \(status)") { state in
                let ready = state.object(.nodes, ObjectKey(name: "a"))?.condition("Ready")
                return ready?["status"]?.stringValue == status && ready?["reason"]?.stringValue == reason
            }
        }
    }
}
