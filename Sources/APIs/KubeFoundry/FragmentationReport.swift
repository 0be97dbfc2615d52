import Capacity
import ControlPlane
import JSON

/// The answer of `GET /api/capacity/fragmentation`.
struct FragmentationReport: JSONObject {
    let fragmentation: Fragmentation
    let sizes: [SizeReport]
    let largest: LargestModels

    init(_ inventory: GPUInventory, _ largest: LargestModels) {
        self.largest = largest
        let fragmentation = Fragmentation(inventory)
        self.fragmentation = fragmentation
        let largest = inventory.nodes.reduce(0) { max($0, $1.total) }
        sizes = Self.sizes(upTo: largest).map { SizeReport($0, fragmentation, inventory) }
    }

    /// 1, 2, 4, … up to what one node has.
    private static func sizes(upTo largest: Int64) -> [Int64] {
        var sizes: [Int64] = []
        var size: Int64 = 1
        while size <= min(largest, 1 << 20) {
            sizes.append(size)
            size *= 2
        }
        return sizes
    }

    static let schemaName = "CapacityFragmentation"
    static let fields: [JSONField<FragmentationReport>] = [
        .init("freeGpus", "Free GPUs on nodes that take pods", example: 11) { $0.fragmentation.free },
        .init("unschedulableGpus", "Free GPUs on nodes that are cordoned or not ready", example: 0) {
            $0.fragmentation.unreachable
        },
        .init("largestBlock", "The most free GPUs on one node", example: 8) { $0.fragmentation.largestBlock },
        .init(
            "largestBlockMemoryGb",
            "The largest GPU memory that lies free together on one node, GiB. Absent when no memory is known",
            example: 640
        ) { $0.fragmentation.largestMemoryMiB.map { ($0 + 512) / 1024 } },
        .init("blocks", "How many nodes have how many GPUs free, the most first") {
            $0.fragmentation.blocks.map(FreeBlock.init)
        },
        .init("bySize", "What workers with 1, 2, 4, … GPUs each can use") { $0.sizes },
        .init(
            "largestModel",
            "The largest model of the catalogue, by parameters, that fits on what is free on one node. Absent when none does"
        ) { $0.largest.onOneNode.map(LargestModel.init) },
        .init(
            "largestModelOnSeveralNodes",
            """
            The largest that fits on what is free on several nodes of one kind, with a stage of its layers on each, for runtimes that \
            spread a replica over nodes. Absent when none is larger than that on one node
            """
        ) { $0.largest.onSeveralNodes.map(LargestModel.init) },
    ]
}

/// Free GPUs on some nodes.
struct FreeBlock: JSONObject {
    let block: Fragmentation.Block

    static let schemaName = "FreeBlock"
    static let fields: [JSONField<FreeBlock>] = [
        .init("gpus", "Free GPUs on each of the nodes", example: 8) { $0.block.units },
        .init("nodes", "How many nodes have as many", example: 1) { $0.block.nodes },
    ]
}

/// A model for which there is room.
struct LargestModel: JSONObject {
    let model: PlaceableModel

    static let schemaName = "PlaceableModel"
    static let fields: [JSONField<LargestModel>] = [
        .init("id", "Its id in the catalogue", example: "Qwen/Qwen3-32B") { $0.model.model.id },
        .init("name", "Its name, for people", example: "Qwen3 32B") { $0.model.model.name },
        .init(
            "parameterCount",
            "Its parameters. Absent when the exact number is not published",
            example: 32_762_123_264
        ) { $0.model.model.parameters },
        .init("engine", "The engine that serves it: vllm, sglang, trtllm or llamacpp", example: "vllm") {
            $0.model.engine.rawValue
        },
        .init("gpuType", "The GPUs, as the nodes name them", example: "NVIDIA-A100-SXM4-80GB") {
            $0.model.product
        },
        .init("gpus", "How many GPUs it takes", example: 1) { $0.model.gpus },
        .init("gpusPerNode", "How many of them on each node", example: 1) { $0.model.gpusPerNode },
        .init("nodes", "How many nodes", example: 1) { $0.model.nodes },
        .init("contextLength", "The context that was reckoned with, tokens", example: 4096) {
            $0.model.contextLength
        },
    ]
}

/// What workers of one size can use.
struct SizeReport: JSONObject {
    let size: Int64
    let places: Int64
    let stranded: Int64
    let advice: Consolidation?

    init(_ size: Int64, _ fragmentation: Fragmentation, _ inventory: GPUInventory) {
        self.size = size
        places = fragmentation.places(for: size)
        stranded = fragmentation.stranded(for: size)
        advice = places > 0 ? nil : Self.advice(size, inventory)
    }

    /// The fewest moves over all resources that offer whole devices.
    private static func advice(_ size: Int64, _ inventory: GPUInventory) -> Consolidation? {
        let resources = Set(inventory.nodes.flatMap { $0.devices.map(\.resource.name) })
        return resources.sorted()
            .compactMap { Consolidation.freeing(size, of: $0, in: inventory) }
            .min { $0.moves.count < $1.moves.count }
    }

    static let schemaName = "FragmentationBySize"
    static let fields: [JSONField<SizeReport>] = [
        .init("gpusPerWorker", "GPUs that each worker needs on one node", example: 4) { $0.size },
        .init("workers", "How many such workers have a place now", example: 2) { $0.places },
        .init("strandedGpus", "Free GPUs that no such worker can use", example: 3) { $0.stranded },
        .init(
            "advice",
            "Where no worker has a place: the fewest pods to move so that one has. Absent when moving does not help"
        ) {
            $0.advice.map(MoveAdvice.init)
        },
    ]
}

/// Pods to move.
struct MoveAdvice: JSONObject {
    let consolidation: Consolidation

    static let schemaName = "MoveAdvice"
    static let fields: [JSONField<MoveAdvice>] = [
        .init("node", "The node that would have the GPUs free", example: "gpu-node-1") {
            $0.consolidation.node
        },
        .init("moves", "The pods that would have to run elsewhere") {
            $0.consolidation.moves.map(PodMove.init)
        },
    ]
}

/// A pod to move.
struct PodMove: JSONObject {
    let move: Consolidation.Move

    static let schemaName = "PodMove"
    static let fields: [JSONField<PodMove>] = [
        .init("pod", "Its namespace and name", example: "default/web-0") { $0.move.pod },
        .init("gpus", "The GPUs that it has", example: 1) { $0.move.units },
        .init("destination", "A node that has room for it", example: "gpu-node-2") { $0.move.destination },
    ]
}
