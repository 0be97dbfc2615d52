import JSON
import KubernetesModel
import Testing

@testable import EmbeddedCluster

@Suite(.timeLimit(.minutes(10)))
struct SchedulerTests {
    private let cluster: RunningControllers

    init() async throws {
        cluster = try await RunningControllers([Scheduler()], kubelet: nil)
    }

    private func node(
        _ name: String,
        cpu: String = "8",
        gpus: Int = 0,
        labels: JSONValue = [:],
        spec: JSONValue = [:]
    ) async throws {
        var allocatable: JSONValue = [
            "cpu": .string(cpu), "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110",
        ]
        if gpus > 0 { allocatable["nvidia.com/gpu"] = .string(String(gpus)) }
        try await cluster.create(.nodes, name, ["metadata": ["labels": labels], "spec": spec])
        let (key, status) = (ObjectKey(name: name), allocatable)
        try await cluster.api.updateStatus(.nodes, key, as: "test") {
            $0.json[at: "status", "allocatable"] = status
        }
    }

    private func pod(
        _ name: String,
        requests: JSONValue = [:],
        spec: JSONValue = [:],
        labels: JSONValue = [:]
    ) async throws {
        var json: JSONValue = ["metadata": ["labels": labels], "spec": spec]
        json[at: "spec", "containers"] = [
            ["name": "c", "image": "registry.example/c:1", "resources": ["requests": requests]]
        ]
        try await cluster.create(.pods, name, json)
    }

    private func nodeName(_ pod: String, _ state: ClusterState) -> String? {
        state.object(.pods, "default", pod)?.spec["nodeName"]?.stringValue
    }

    private func scheduled(_ pod: String) async throws -> String {
        let state = try await cluster.eventually("\(pod) has a node") { state in
            state.object(.pods, "default", pod)?.spec["nodeName"]?.stringValue?.isEmpty == false
        }
        return nodeName(pod, state) ?? ""
    }

    private func refusal(_ pod: String) async throws -> String {
        let state = try await cluster.eventually("\(pod) cannot be scheduled") { state in
            state.object(.pods, "default", pod)?.condition("PodScheduled")?["reason"] == "Unschedulable"
        }
        return state.object(.pods, "default", pod)?.condition("PodScheduled")?["message"]?.stringValue ?? ""
    }

    @Test("a pod gets a node, the condition PodScheduled and the event Scheduled")
    func schedules() async throws {
        try await node("n1")
        try await pod("p")
        #expect(try await scheduled("p") == "n1")
        #expect(cluster.get(.pods, "p")?.condition("PodScheduled")?["status"] == "True")
        try await cluster.eventually("the event is there") { !$0.objects(.events).isEmpty }
        #expect(cluster.messages("Scheduled") == ["Successfully assigned default/p to n1"])
    }

    @Test("without nodes the scheduler says so")
    func saysThatThereAreNoNodes() async throws {
        try await pod("p")
        #expect(try await refusal("p") == "no nodes available to schedule pods")
    }

    @Test(
        "a pod that fits nowhere is told why, with the nodes counted by reason, and is scheduled once a node fits"
    )
    func explains() async throws {
        try await node(
            "tainted",
            gpus: 8,
            spec: ["taints": [["key": "nvidia.com/gpu", "effect": "NoSchedule"]]]
        )
        for index in 1...3 { try await node("small-\(index)", gpus: 1) }
        try await pod("p", requests: ["nvidia.com/gpu": "4"])
        #expect(
            try await refusal("p")
                == "0/4 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: }, "
                + "3 Insufficient nvidia.com/gpu. preemption: 0/4 nodes are available: "
                + "4 Preemption is not helpful for scheduling."
        )
        try await cluster.eventually("the event is there") { !$0.objects(.events).isEmpty }
        #expect(cluster.messages("FailedScheduling").count == 1)
        try await node("big", gpus: 8)
        #expect(try await scheduled("p") == "big")
    }

    @Test("a pod that waits for room gets the node when another pod is gone")
    func retries() async throws {
        try await node("n1", gpus: 8)
        try await pod("first", requests: ["nvidia.com/gpu": 8])
        _ = try await scheduled("first")
        try await pod("second", requests: ["nvidia.com/gpu": 1])
        #expect(
            try await refusal("second")
                == "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: "
                + "1 No preemption victims found for incoming pod."
        )
        try await cluster.api.delete(
            .pods,
            ObjectKey(namespace: "default", name: "first"),
            DeleteOptions(gracePeriodSeconds: 0)
        )
        #expect(try await scheduled("second") == "n1")
    }

    @Test("GPUs are packed: a second pod joins the first, so that the other node stays free")
    func packs() async throws {
        try await node("a", gpus: 8)
        try await node("b", gpus: 8)
        try await pod("one", requests: ["nvidia.com/gpu": 2, "cpu": "1"])
        let first = try await scheduled("one")
        try await pod("two", requests: ["nvidia.com/gpu": 2, "cpu": "1"])
        #expect(try await scheduled("two") == first)
    }

    @Test("pods without GPUs keep away from the nodes that have some, and spread over the others")
    func spreads() async throws {
        try await node("gpu", cpu: "64", gpus: 8)
        try await node("a")
        try await node("b")
        try await pod("one", requests: ["cpu": "1"])
        try await pod("two", requests: ["cpu": "1"])
        #expect(Set([try await scheduled("one"), try await scheduled("two")]) == ["a", "b"])
    }

    @Test(
        "the largest init container counts where it needs more than all containers, and sidecars count with both"
    )
    func countsInitContainers() async throws {
        try await node("n1", cpu: "4")
        try await pod(
            "p",
            requests: ["cpu": "1"],
            spec: [
                "initContainers": [
                    [
                        "name": "side", "image": "i", "restartPolicy": "Always",
                        "resources": ["requests": ["cpu": "1"]],
                    ],
                    ["name": "init", "image": "i", "resources": ["requests": ["cpu": "3500m"]]],
                ]
            ]
        )
        #expect(try await refusal("p").hasPrefix("0/1 nodes are available: 1 Insufficient cpu."))
    }

    @Test("a cordoned node takes no pods until it is uncordoned")
    func honoursCordons() async throws {
        try await node("n1", spec: ["unschedulable": true])
        try await pod("p")
        #expect(
            try await refusal("p").hasPrefix("0/1 nodes are available: 1 node(s) were unschedulable.")
        )
        try await cluster.api.update(.nodes, ObjectKey(name: "n1"), as: "test") {
            $0.json[at: "spec", "unschedulable"] = nil
        }
        #expect(try await scheduled("p") == "n1")
    }

    @Test("node selectors and required affinity choose, preferred affinity tips the balance")
    func honoursAffinity() async throws {
        try await node("a", labels: ["disk": "ssd", "zone": "1"])
        try await node("b", labels: ["disk": "ssd", "zone": "2"])
        try await node("c", labels: ["disk": "hdd", "zone": "2"])
        try await pod(
            "p",
            spec: [
                "nodeSelector": ["disk": "ssd"],
                "affinity": [
                    "nodeAffinity": [
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            [
                                "weight": 50,
                                "preference": [
                                    "matchExpressions": [["key": "zone", "operator": "In", "values": ["2"]]]
                                ],
                            ]
                        ]
                    ]
                ],
            ]
        )
        #expect(try await scheduled("p") == "b")
        try await pod("q", spec: ["nodeSelector": ["disk": "tape"]])
        #expect(
            try await refusal("q").hasPrefix(
                "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
            )
        )
    }

    @Test("pods that repel each other go to different nodes, also when only the first says so")
    func honoursAntiAffinity() async throws {
        try await node("a", labels: ["kubernetes.io/hostname": "a"])
        try await node("b", labels: ["kubernetes.io/hostname": "b"])
        let repelling: JSONValue = [
            "affinity": [
                "podAntiAffinity": [
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        [
                            "labelSelector": ["matchLabels": ["app": "x"]],
                            "topologyKey": "kubernetes.io/hostname",
                        ]
                    ]
                ]
            ]
        ]
        try await pod("one", spec: repelling, labels: ["app": "x"])
        let first = try await scheduled("one")
        try await pod("two", labels: ["app": "x"])
        #expect(try await scheduled("two") != first)
        try await pod("three", spec: repelling, labels: ["app": "x"])
        #expect(
            try await refusal("three").hasPrefix(
                "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."
            )
        )
    }

    @Test("topology spread keeps the difference between zones within the bound")
    func honoursSpread() async throws {
        try await node("a", cpu: "2", labels: ["zone": "a"])
        try await node("b", cpu: "100", labels: ["zone": "b"])
        let spread: JSONValue = [
            "topologySpreadConstraints": [
                [
                    "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                    "labelSelector": ["matchLabels": ["app": "x"]],
                ]
            ]
        ]
        var zones: [String: Int] = [:]
        for index in 0..<4 {
            try await pod("p\(index)", requests: ["cpu": "1"], spec: spread, labels: ["app": "x"])
            zones[try await scheduled("p\(index)"), default: 0] += 1
        }
        #expect(zones == ["a": 2, "b": 2])
        try await pod("last", requests: ["cpu": "1"], spec: spread, labels: ["app": "x"])
        try await pod("more", requests: ["cpu": "1"], spec: spread, labels: ["app": "x"])
        #expect(try await scheduled("last") == "b")
        #expect(
            try await refusal("more").hasPrefix(
                "0/2 nodes are available: 1 Insufficient cpu, "
                    + "1 node(s) didn't match pod topology spread constraints."
            )
        )
    }

    @Test("a gated pod waits until its gates are gone")
    func honoursGates() async throws {
        try await node("n1")
        try await pod("p", spec: ["schedulingGates": [["name": "example.com/wait"]]])
        try await cluster.eventually("the pod is gated") { state in
            state.object(.pods, "default", "p")?.condition("PodScheduled")?["reason"] == "SchedulingGated"
        }
        #expect(nodeName("p", cluster.api.state) == nil)
        try await cluster.update(.pods, "p") { $0.json[at: "spec", "schedulingGates"] = nil }
        #expect(try await scheduled("p") == "n1")
    }

    @Test("of two pods the one of higher priority gets the last GPU, and pushes a lower one off a full node")
    func honoursPriority() async throws {
        try await pod("low", requests: ["nvidia.com/gpu": 1], spec: ["priority": 1])
        try await pod("high", requests: ["nvidia.com/gpu": 1], spec: ["priority": 10])
        try await node("n1", gpus: 1)
        #expect(try await scheduled("high") == "n1")
        try await pod("highest", requests: ["nvidia.com/gpu": 1], spec: ["priority": 100])
        try await cluster.eventually("the lower pod is being deleted") { state in
            state.object(.pods, "default", "high")?.isBeingDeleted == true
        }
        try await cluster.api.delete(
            .pods,
            ObjectKey(namespace: "default", name: "high"),
            DeleteOptions(gracePeriodSeconds: 0)
        )
        #expect(try await scheduled("highest") == "n1")
        #expect(nodeName("low", cluster.api.state) == nil)
    }

    @Test("a missing claim and a claim without a volume keep a pod waiting")
    func honoursClaims() async throws {
        try await node("n1")
        try await pod(
            "p",
            spec: ["volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "data"]]]]
        )
        #expect(
            try await refusal("p").hasPrefix(
                "0/1 nodes are available: persistentvolumeclaim \"data\" not found. preemption: "
            )
        )
        try await cluster.create(
            .persistentVolumeClaims,
            "data",
            [
                "spec": [
                    "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                ]
            ]
        )
        try await cluster.eventually("the claim is unbound") { state in
            state.object(.pods, "default", "p")?.condition("PodScheduled")?["message"]?.stringValue?
                .contains("pod has unbound immediate PersistentVolumeClaims") ?? false
        }
        try await cluster.api.updateStatus(
            .persistentVolumeClaims,
            ObjectKey(namespace: "default", name: "data"),
            as: "test"
        ) { $0.json[at: "status", "phase"] = "Bound" }
        #expect(try await scheduled("p") == "n1")
    }

    @Test("a host port is given once per node")
    func honoursHostPorts() async throws {
        try await node("n1")
        for name in ["one", "two"] {
            try await cluster.create(
                .pods,
                name,
                [
                    "spec": [
                        "containers": [
                            [
                                "name": "c", "image": "i",
                                "ports": [["containerPort": 80, "hostPort": 8080]],
                            ]
                        ]
                    ]
                ]
            )
            if name == "one" { _ = try await scheduled("one") }
        }
        #expect(
            try await refusal("two").hasPrefix(
                "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
            )
        )
    }
}
