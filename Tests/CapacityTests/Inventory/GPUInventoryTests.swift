import Capacity
import Testing

struct GPUInventoryTests {
    static func node(_ name: String, gpus: Int64 = 8, labels: [String: String] = [:]) -> NodeFacts {
        NodeFacts(
            name: name,
            labels: labels,
            allocatable: ResourceAmounts(
                milliCPU: 64000,
                memoryBytes: 1 << 40,
                devices: gpus > 0 ? ["nvidia.com/gpu": gpus] : [:]
            )
        )
    }

    static func pod(_ name: String, on node: String? = nil, gpus: Int64 = 1, isOver: Bool = false) -> PodFacts
    {
        PodFacts(
            namespace: "default",
            name: name,
            node: node,
            isOver: isOver,
            requests: ResourceAmounts(milliCPU: 1000, devices: ["nvidia.com/gpu": gpus])
        )
    }

    @Test func `pods take from their node until they have ended`() {
        var inventory = GPUInventory()
        inventory.update(Self.node("a"))
        let running = Self.pod("p", on: "a", gpus: 2)
        inventory.replace(pod: nil, with: running)
        #expect(inventory.totals.units == 8)
        #expect(inventory.totals.allocated == 2)
        #expect(inventory[node: "a"]?.freeDevices == 6)
        #expect(inventory[node: "a"]?.free.milliCPU == 63000)
        let over = Self.pod("p", on: "a", gpus: 2, isOver: true)
        inventory.replace(pod: running, with: over)
        #expect(inventory.totals.free == 8)
        #expect(Array(inventory.pods).isEmpty)
        inventory.replace(pod: over, with: nil)
        #expect(inventory.totals.free == 8)
    }

    @Test func `a pod without a node is demand, not allocation`() {
        var inventory = GPUInventory()
        inventory.update(Self.node("a"))
        let waiting = Self.pod("p", gpus: 4)
        inventory.replace(pod: nil, with: waiting)
        #expect(inventory.totals.allocated == 0)
        #expect(inventory.pending == [waiting])
        inventory.replace(pod: waiting, with: Self.pod("p", on: "a", gpus: 4))
        #expect(inventory.totals.allocated == 4)
        #expect(inventory.pending.isEmpty)
    }

    @Test func `pods that are told before their node count once it is there, and after it is gone no more`() {
        var inventory = GPUInventory()
        let pod = Self.pod("p", on: "a", gpus: 3)
        inventory.replace(pod: nil, with: pod)
        #expect(inventory.totals.allocated == 0)
        inventory.update(Self.node("a"))
        #expect(inventory.totals.allocated == 3)
        inventory.remove(node: "a")
        #expect(inventory.totals == GPUInventory().totals)
        inventory.update(Self.node("a"))
        #expect(inventory.totals.allocated == 3)
        inventory.remove(node: "a")
        inventory.replace(pod: pod, with: nil)
        inventory.update(Self.node("a"))
        #expect(inventory.totals.allocated == 0)
    }

    @Test func `numbers are never negative when more is given than there is`() {
        var inventory = GPUInventory()
        inventory.update(Self.node("a", gpus: 8))
        inventory.replace(pod: nil, with: Self.pod("p", on: "a", gpus: 8))
        // Two devices have failed.
        inventory.update(Self.node("a", gpus: 6))
        #expect(inventory.totals.units == 6)
        #expect(inventory.totals.allocated == 6)
        #expect(inventory.totals.free == 0)
        #expect(inventory[node: "a"]?.free["nvidia.com/gpu"] == 0)
    }

    @Test func `sums by changes are the sums of what is there, whatever the order`() {
        var random = SplitMix(seed: 7)
        var inventory = GPUInventory()
        var nodes: [String: NodeFacts] = [:]
        var pods: [String: PodFacts] = [:]
        for _ in 0..<3000 {
            let node = "n\(random.next(upTo: 6))"
            switch random.next(upTo: 6) {
            case 0:
                nodes[node] = nil
                inventory.remove(node: node)
            case 1:
                let facts = Self.node(node, gpus: Int64(random.next(upTo: 9)))
                nodes[node] = facts
                inventory.update(facts)
            default:
                let name = "p\(random.next(upTo: 20))"
                let new =
                    random.next(upTo: 4) == 0
                    ? nil
                    : Self.pod(
                        name,
                        on: random.next(upTo: 4) == 0 ? nil : node,
                        gpus: Int64(random.next(upTo: 3)),
                        isOver: random.next(upTo: 5) == 0
                    )
                inventory.replace(pod: pods[name], with: new)
                pods[name] = new
            }
            var units: Int64 = 0
            var allocated: Int64 = 0
            for facts in nodes.values {
                let count = facts.allocatable["nvidia.com/gpu"]
                let given = pods.values
                    .filter { $0.node == facts.name && !$0.isOver }
                    .reduce(0) { $0 + $1.requests["nvidia.com/gpu"] }
                units += count
                allocated += min(count, given)
            }
            #expect(inventory.totals.units == units)
            #expect(inventory.totals.allocated == allocated)
        }
    }

    @Test func `a copy stays as it was`() {
        var inventory = GPUInventory()
        inventory.update(Self.node("a"))
        let before = inventory
        inventory.replace(pod: nil, with: Self.pod("p", on: "a"))
        #expect(before.totals.allocated == 0)
        #expect(inventory.revision > before.revision)
    }

    @Test func `nodes are grouped by the labels of clouds and autoscalers`() {
        var inventory = GPUInventory()
        for (name, labels) in [
            ("a", ["agentpool": "gpu", "nvidia.com/gpu.product": "NVIDIA-L4"]),
            ("b", ["agentpool": "gpu", "nvidia.com/gpu.product": "NVIDIA-L4"]),
            ("c", ["cloud.google.com/gke-nodepool": "big", "topology.kubernetes.io/region": "europe-west4"]),
            ("d", ["eks.amazonaws.com/nodegroup": "g5", "node.kubernetes.io/instance-type": "g5.xlarge"]),
            ("e", ["karpenter.sh/nodepool": "spot"]), ("f", [:]),
        ] { inventory.update(Self.node(name, gpus: 4, labels: labels)) }
        inventory.update(Self.node("g", gpus: 0, labels: ["agentpool": "plain"]))
        inventory.replace(pod: nil, with: Self.pod("p", on: "a"))
        let pools = inventory.pools
        #expect(pools.map(\.name) == ["big", "default", "g5", "gpu", "spot"])
        #expect(pools[3].nodeCount == 2)
        #expect(pools[3].units == 8)
        #expect(pools[3].freeUnits == 7)
        #expect(pools[3].product == "NVIDIA-L4")
        #expect(pools[0].region == "europe-west4")
        #expect(pools[2].instanceType == "g5.xlarge")
        #expect(pools[2].product == "A10G")
        #expect(pools[4].product == nil)
    }

    @Test(arguments: [
        ("Standard_NC48ads_A100_v4", "A100-80GB"), ("Standard_NV36ads_A10_v5", "A10"),
        ("Standard_NC6s_v3", "V100"),
        ("Standard_NC4as_T4_v3", "T4"), ("Standard_ND96isr_H100_v5", "H100"),
        ("Standard_ND96isr_H200_v5", "H200"),
        ("p5.48xlarge", "H100"), ("p5en.48xlarge", "H200"), ("p4de.24xlarge", "A100-80GB"),
        ("p4d.24xlarge", "A100-40GB"), ("p3.8xlarge", "V100"), ("g4dn.xlarge", "T4"), ("g5.xlarge", "A10G"),
        ("g6.xlarge", "L4"), ("g6e.xlarge", "L40S"), ("a3-highgpu-8g", "H100"),
        ("a2-ultragpu-1g", "A100-80GB"),
        ("a2-highgpu-1g", "A100-40GB"), ("g2-standard-4", "L4"), ("Standard_D4s_v3", nil),
        ("g4ad.xlarge", nil),
        ("m5.large", nil), ("simulated", nil),
    ])
    func `a pool without the driver's label is called after the GPU of its machine type`(
        type: String,
        model: String?
    ) {
        var inventory = GPUInventory()
        inventory.update(Self.node("a", labels: ["node.kubernetes.io/instance-type": type]))
        #expect(inventory.pools.map(\.product) == [model])
        // What is only a name tells no memory.
        #expect(inventory.nodes.allSatisfy { $0.devices.allSatisfy { $0.deviceMemoryMiB == nil } })
    }

    @Test func `the driver's label goes before the cloud's, and these before the plain one`() {
        func product(_ labels: [String: String]) -> String? {
            var inventory = GPUInventory()
            inventory.update(Self.node("a", labels: labels))
            return inventory.pools.first?.product
        }
        let all = [
            "nvidia.com/gpu.product": "Tesla-T4", "cloud.google.com/gke-accelerator": "nvidia-tesla-t4",
            "node.kubernetes.io/instance-type": "g4dn.xlarge", "accelerator": "nvidia",
        ]
        #expect(product(all) == "Tesla-T4")
        #expect(product(all.filter { $0.key != "nvidia.com/gpu.product" }) == "nvidia-tesla-t4")
        #expect(product(all.filter { $0.key.hasPrefix("node") || $0.key == "accelerator" }) == "T4")
        #expect(product(all.filter { $0.key == "accelerator" }) == "nvidia")
    }
}

/// A small generator, so that a failing case can be made again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func next(upTo bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
