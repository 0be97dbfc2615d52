import Capacity
import ControlPlane
import Testing

@Suite("The largest model that has room")
struct LargestModelTests {
    private let search = LargestModelSearch(catalog: .standard)

    /// A cluster of nodes with a product, each with that many GPUs of which so many are free.
    private func inventory(_ groups: [(product: String, memoryMiB: Int, free: [Int64])]) -> GPUInventory {
        var inventory = GPUInventory()
        for group in groups {
            for (index, free) in group.free.enumerated() {
                let name = "\(group.product)-\(index)"
                let labels = [
                    "nvidia.com/gpu.product": group.product, "nvidia.com/gpu.memory": "\(group.memoryMiB)",
                ]
                inventory.update(
                    NodeFacts(
                        name: name,
                        labels: labels,
                        allocatable: ResourceAmounts(devices: ["nvidia.com/gpu": 8])
                    )
                )
                inventory.replace(
                    pod: nil,
                    with: PodFacts(
                        namespace: "default",
                        name: name,
                        node: name,
                        isOver: false,
                        requests: ResourceAmounts(devices: ["nvidia.com/gpu": 8 - free]),
                        isMovable: true
                    )
                )
            }
        }
        return inventory
    }

    @Test("It is the largest of the catalogue whose fit on what one node has free is sure")
    func oneNode() async throws {
        let free = inventory([("NVIDIA-A100-SXM4-80GB", 81920, [4, 2]), ("NVIDIA-L4", 23034, [8])])
        let found = try #require(await search.find(in: free).onOneNode)
        #expect(found.nodes == 1 && found.gpus == found.gpusPerNode)
        #expect(found.gpus <= (found.product == "NVIDIA-L4" ? 8 : 4))
        #expect(verdict(found) == .fits)
        // None that is larger would do, with any of its engines, on what any node has free.
        let size = try #require(found.model.parameters)
        for model in ModelCatalog.standard.models where (model.parameters ?? 0) > size {
            for engine in model.engines {
                for (product, count) in [("NVIDIA-A100-SXM4-80GB", 4), ("NVIDIA-L4", 8)] {
                    #expect(try verdict(model, engine, product, count) != .fits, "\(model.id) on \(product)")
                }
            }
        }
    }

    @Test("Several nodes of one kind together hold larger ones")
    func severalNodes() async throws {
        let free = inventory([("NVIDIA-H100-80GB-HBM3", 81559, [4, 4, 4, 3])])
        let found = await search.find(in: free)
        let one = try #require(found.onOneNode)
        let several = try #require(found.onSeveralNodes)
        #expect(one.gpus <= 4)
        #expect(several.gpusPerNode == 4 && (2...3).contains(several.nodes))
        #expect(try #require(several.model.parameters) > #require(one.model.parameters))
        let single = await search.find(in: inventory([("NVIDIA-H100-80GB-HBM3", 81559, [4])]))
        #expect(single.onOneNode == one && single.onSeveralNodes == nil)
    }

    @Test("Where nothing is free, or nobody knows what is, there is none")
    func none() async {
        #expect(await search.find(in: GPUInventory()) == LargestModels())
        #expect(await search.find(in: inventory([("NVIDIA-L4", 23034, [0, 0])])) == LargestModels())
        #expect(await search.find(in: inventory([("Example-GPU-9000", 0, [8])])) == LargestModels())
    }

    @Test("The catalogue holds what the fit of each of its models takes")
    func profiles() throws {
        for model in ModelCatalog.standard.models {
            let profile = try #require(model.profile, "\(model.id)")
            #expect(profile.hasLayout && profile.evidence == .exactWeights, "\(model.id)")
            let published = try #require(model.parameters, "\(model.id)")
            // Shares of layers are rounded.
            #expect(abs(profile.parameters - published) < 1000, "\(model.id): \(profile.parameters)")
            #expect((profile.ggufFormat != nil) == (model.engines == [.llamaCpp]), "\(model.id)")
        }
    }

    private func verdict(_ found: PlaceableModel) -> FitReport.Verdict? {
        try? verdict(found.model, found.engine, found.product, found.gpus)
    }

    private func verdict(
        _ model: CatalogModel,
        _ engine: InferenceEngine,
        _ product: String,
        _ count: Int
    ) throws -> FitReport.Verdict {
        let memory = product == "NVIDIA-L4" ? 23034 : 81920
        var request = FitRequest(
            model: model.id,
            devices: [FitDevice(named: product, count: count, memoryMiB: memory)]
        )
        request.engine = engine
        request.workload.contextLength = min(LargestModelSearch.contextLength, model.contextLength)
        return Fit.evaluate(try #require(model.profile), request).verdict
    }
}
