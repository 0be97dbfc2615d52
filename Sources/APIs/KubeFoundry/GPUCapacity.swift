import Capacity
import ControlPlane
import JSON

/// The numbers that both answers on GPU capacity have.
struct GPUTotals: Sendable {
    let totals: GPUInventory.Totals
    let largestFree: Int64
    let largestNode: Int64
    let memoryGB: Int64?
    let pendingPods: Int
    let pendingGPUs: Int64

    /// What a node adds to them.
    struct Part: Sendable {
        /// GPUs that pods can be given now.
        let free: Int64
        /// GPUs that pods may request.
        let total: Int64
        /// The memory of the largest of them, MiB; 0 when it is not known.
        let memoryMiB: Int64

        init(_ node: NodeInventory) {
            free = node.node.takesPods ? node.freeDevices : 0
            total = node.total
            memoryMiB = node.devices.reduce(0) { max($0, $1.deviceMemoryMiB ?? 0) }
        }
    }

    init(_ inventory: GPUInventory) { self.init(inventory, inventory.nodes.map(Part.init)) }

    /// - Parameter parts: of all nodes, in any order.
    init(_ inventory: GPUInventory, _ parts: [Part]) {
        totals = inventory.totals
        var (free, node, memory) = (Int64(0), Int64(0), Int64(0))
        for part in parts where part.total > 0 {
            free = max(free, part.free)
            node = max(node, part.total)
            memory = max(memory, part.memoryMiB)
        }
        largestFree = free
        largestNode = node
        memoryGB = memory > 0 ? (memory + 512) / 1024 : nil
        let pending = inventory.pending
        pendingPods = pending.count
        pendingGPUs = pending.reduce(0) { sum, pod in
            sum
                + pod.requests.devices.reduce(0) {
                    $0 + (AcceleratorResource($1.key)?.unit == .device ? $1.value : 0)
                }
        }
    }

    /// The members, for an answer that has these numbers among others.
    static func fields<Answer>(_ totals: @escaping @Sendable (Answer) -> GPUTotals) -> [JSONField<Answer>] {
        [
            .init("totalGpus", "GPUs that pods may request", example: 4) { totals($0).totals.units },
            .init("allocatedGpus", "GPUs that pods on their nodes have been given", example: 1) {
                totals($0).totals.allocated
            },
            .init("availableGpus", "GPUs that pods can be given now", example: 3) { totals($0).totals.free },
            .init("maxContiguousAvailable", "The most that are available on one node", example: 2) {
                totals($0).largestFree
            },
            .init("maxNodeGpuCapacity", "The most that one node has", example: 2) { totals($0).largestNode },
            .init("gpuNodeCount", "Nodes that have any", example: 2) { totals($0).totals.nodes },
            .init(
                "totalMemoryGb",
                "The memory of one GPU, GiB; of several kinds of GPU that of the largest. Absent when it is not known",
                example: 80
            ) { totals($0).memoryGB },
            .init("unschedulableGpus", "Free GPUs on nodes that are cordoned or not ready", example: 0) {
                totals($0).totals.unreachable
            },
            .init("pendingGpus", "GPUs that pods ask for which no node has been found for", example: 0) {
                totals($0).pendingGPUs
            },
            .init("pendingPods", "Pods that ask for GPUs and have no node", example: 0) {
                totals($0).pendingPods
            },
        ]
    }
}

/// The answer of `GET /api/installation/gpu-capacity`.
struct GPUCapacity: JSONObject {
    let totals: GPUTotals
    let nodes: GPUNodeList

    static let schemaName = "GPUCapacity"
    static let fields: [JSONField<GPUCapacity>] =
        GPUTotals.fields(\.totals) + [.init("nodes", "The nodes that have GPUs, by name") { $0.nodes }]
}

/// A node in the list.
struct GPUNode: JSONObject {
    let node: NodeInventory

    static let schemaName = "GPUNode"
    static let fields: [JSONField<GPUNode>] = [
        .init("nodeName", "The name", example: "gpu-node-1") { $0.node.node.name },
        .init("totalGpus", "GPUs that pods may request on it", example: 2) { $0.node.total },
        .init("allocatedGpus", "GPUs that its pods have been given", example: 1) { $0.node.allocatedDevices },
        .init("availableGpus", "GPUs that pods can be given now; 0 where it takes no pods", example: 1) {
            entry in
            entry.node.node.takesPods ? entry.node.freeDevices : 0
        },
        .init("gpuModel", "The product, as the node's label has it", example: "NVIDIA-L4") { entry in
            entry.node.devices.lazy.compactMap(\.productLabel).first { _ in true }
        },
        .init("gpuMemoryGb", "The memory of one of its GPUs, GiB; of a shared one its part", example: 22) {
            entry in
            entry.node.devices.lazy.compactMap(\.unitMemoryMiB).first { _ in true }.map { ($0 + 512) / 1024 }
        },
        .init("ready", "Whether its kubelet says that it can run pods") { $0.node.node.isReady },
        .init("schedulable", "Whether it takes pods: it is ready and not cordoned") {
            $0.node.node.takesPods
        },
        .init("tainted", "Whether only pods that tolerate its taints are placed on it") { entry in
            entry.node.node.taints.contains(where: \.isStrict)
        },
    ]
}

/// The answer of `GET /api/installation/gpu-capacity/detailed`.
struct PooledGPUCapacity: JSONObject {
    let totals: GPUTotals
    let pools: [NodePool]

    init(_ inventory: GPUInventory) {
        totals = GPUTotals(inventory)
        pools = inventory.pools
    }

    static let schemaName = "GPUCapacityByPool"
    static let fields: [JSONField<PooledGPUCapacity>] =
        GPUTotals.fields(\.totals) + [
            .init("nodePools", "The pools of nodes that have GPUs, by name") { $0.pools.map(GPUPool.init) }
        ]
}

/// A pool in the list.
struct GPUPool: JSONObject {
    let pool: NodePool

    static let schemaName = "GPUPool"
    static let fields: [JSONField<GPUPool>] = [
        .init("name", "The pool's name; `default` for nodes whose labels name none", example: "gpu") {
            $0.pool.name
        },
        .init("gpuCount", "GPUs on its nodes", example: 8) { $0.pool.units },
        .init("nodeCount", "Its nodes that have GPUs", example: 1) { $0.pool.nodeCount },
        .init("availableGpus", "GPUs that pods can be given now", example: 6) { $0.pool.freeUnits },
        .init(
            "gpuModel",
            "The product on most of its nodes, by the driver's label, else as the machine type has it; absent when nothing says",
            example: "NVIDIA-A100-SXM4-80GB"
        ) {
            $0.pool.product
        },
        .init("instanceType", "The machine type", example: "Standard_ND96asr_v4") { $0.pool.instanceType },
        .init("region", "The region", example: "westeurope") { $0.pool.region },
    ]
}
