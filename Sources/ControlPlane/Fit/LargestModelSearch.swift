public import Capacity
internal import Dispatch
internal import Synchronization

/// Finds the largest model of the catalogue, by parameters, that fits on what is free.
///
/// How many GPUs of a kind a model needs does not depend on the cluster: it is reckoned once for each model, engine and kind and kept.
/// What is left for a question is a walk over the nodes and a look into that table.
public final class LargestModelSearch: Sendable {
    /// The context that is reckoned with, in tokens: that of the catalogue's least memory.
    public static let contextLength = 4096
    /// More GPUs are in no node.
    private static let mostPerNode = 16
    /// More stages are not looked at.
    private static let mostNodes = 16
    /// The most entries that are kept: more kinds than these make are in no cluster.
    private static let mostEntries = 100_000

    /// What one entry of the table is about.
    private struct Key: Hashable {
        var model: Int
        var engine: InferenceEngine
        var device: FitDevice
        /// GPUs on each node; 0 for as many as are needed on one.
        var gpusPerNode: Int
    }

    private struct Entry {
        let model: CatalogModel
        let profile: ModelProfile
    }

    private let queue = DispatchQueue(label: "ingot.largest-models", qos: .utility)
    /// The models whose layout is known, the largest first.
    private let entries: [Entry]
    private let needs = Mutex<[Key: Int?]>([:])

    /// A search among a catalogue's models.
    public init(catalog: ModelCatalog) {
        entries = catalog.models.compactMap { model in model.profile.map { Entry(model: model, profile: $0) }
        }
        .sorted {
            ($1.profile.parameters, $0.model.id) < ($0.profile.parameters, $1.model.id)
        }
    }

    /// The largest models for which an inventory has room. The first question about a kind of GPU takes some milliseconds for each
    /// model, on a queue of its own.
    public func find(in inventory: GPUInventory) async -> LargestModels {
        let kinds = FreeAccelerators.all(in: inventory)
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.find(kinds)) }
        }
    }

    private func find(_ kinds: [FreeAccelerators]) -> LargestModels {
        var largest = LargestModels()
        for index in entries.indices {
            if let found = oneNode(index, kinds) {
                largest.onOneNode = found
                break
            }
            if largest.onSeveralNodes == nil { largest.onSeveralNodes = severalNodes(index, kinds) }
        }
        // The same in another precision is not larger.
        if let one = largest.onOneNode, let several = largest.onSeveralNodes,
            (several.model.parameters ?? 0) <= (one.model.parameters ?? 0)
        {
            largest.onSeveralNodes = nil
        }
        return largest
    }

    private func oneNode(_ index: Int, _ kinds: [FreeAccelerators]) -> PlaceableModel? {
        for engine in entries[index].model.engines {
            let found = kinds.compactMap { kind -> (kind: FreeAccelerators, gpus: Int)? in
                guard let gpus = need(index, engine, kind.device, 0), gpus <= kind.largestBlock else {
                    return nil
                }
                return (kind, gpus)
            }
            if let best = found.min(by: { $0.gpus < $1.gpus }) {
                return placeable(index, engine, best.kind, gpusPerNode: best.gpus, nodes: 1)
            }
        }
        return nil
    }

    private func severalNodes(_ index: Int, _ kinds: [FreeAccelerators]) -> PlaceableModel? {
        // llama.cpp's way over the network is made for trying it out (llama.cpp, `tools/rpc/README.md`).
        for engine in entries[index].model.engines where engine != .llamaCpp {
            var best: PlaceableModel?
            for kind in kinds where kind.device.canCombine && kind.device.sharers == 1 {
                for gpus in [16, 8, 4, 2, 1] where gpus <= kind.largestBlock {
                    let available = kind.nodes(with: gpus)
                    guard available > 1, let nodes = need(index, engine, kind.device, gpus),
                        nodes <= available
                    else { continue }
                    let found = placeable(index, engine, kind, gpusPerNode: gpus, nodes: nodes)
                    // Of as many GPUs those on fewer nodes.
                    if best.map({ (found.gpus, found.nodes) < ($0.gpus, $0.nodes) }) ?? true { best = found }
                }
            }
            if let best { return best }
        }
        return nil
    }

    private func placeable(
        _ index: Int,
        _ engine: InferenceEngine,
        _ kind: FreeAccelerators,
        gpusPerNode: Int,
        nodes: Int
    ) -> PlaceableModel {
        let model = entries[index].model
        return PlaceableModel(
            model: model,
            engine: engine,
            product: kind.device.name,
            gpusPerNode: gpusPerNode,
            nodes: nodes,
            contextLength: min(Self.contextLength, model.contextLength)
        )
    }

    // MARK: The table

    /// How many GPUs of one node a model needs, or with a number of GPUs per node how many nodes; nil where no number will do.
    private func need(
        _ index: Int,
        _ engine: InferenceEngine,
        _ device: FitDevice,
        _ gpusPerNode: Int
    ) -> Int? {
        let key = Key(model: index, engine: engine, device: device, gpusPerNode: gpusPerNode)
        if let known = needs.withLock({ $0[key] }) { return known }
        let need =
            gpusPerNode == 0
            ? leastGPUs(entries[index], engine, device)
            : leastNodes(entries[index], engine, device, gpusPerNode)
        needs.withLock { needs in
            if needs.count >= Self.mostEntries { needs = [:] }
            needs.updateValue(need, forKey: key)
        }
        return need
    }

    private func leastGPUs(_ entry: Entry, _ engine: InferenceEngine, _ device: FitDevice) -> Int? {
        let most = device.canCombine && device.sharers == 1 ? Self.mostPerNode : 1
        guard let visible = device.visibleBytes, entry.profile.weightBytes / Int64(most) < visible else {
            return nil
        }
        let report = Fit.evaluate(entry.profile, request(entry, engine, device, count: most))
        return report.verdict == .fits ? report.best?.parallelism.gpus : nil
    }

    private func leastNodes(
        _ entry: Entry,
        _ engine: InferenceEngine,
        _ device: FitDevice,
        _ gpusPerNode: Int
    ) -> Int? {
        guard let visible = device.visibleBytes, visible > 0 else { return nil }
        // Fewer cannot hold the weights alone.
        let least = Int(clamping: entry.profile.weightBytes / (visible * Int64(gpusPerNode))) + 1
        guard least <= Self.mostNodes else { return nil }
        for nodes in max(2, least)...Self.mostNodes {
            var request = request(entry, engine, device, count: gpusPerNode * nodes)
            request.options.tensorParallel = gpusPerNode
            request.options.pipelineParallel = nodes
            let report = Fit.evaluate(entry.profile, request)
            if report.verdict == .fits { return nodes }
            // More stages change nothing about what keeps the ranks from the model or the engine from the GPU.
            if report.candidates.isEmpty || report.verdict == .unsupported || report.verdict == .unknown {
                return nil
            }
        }
        return nil
    }

    private func request(
        _ entry: Entry,
        _ engine: InferenceEngine,
        _ device: FitDevice,
        count: Int
    ) -> FitRequest {
        var device = device
        device.count = count
        var request = FitRequest(model: entry.model.id, devices: [device])
        request.engine = engine
        request.workload.contextLength = min(Self.contextLength, entry.model.contextLength)
        request.candidateLimit = 1
        return request
    }
}
