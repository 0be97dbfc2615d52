import Capacity
import Testing

struct FragmentationTests {
    @Test func `blocks tell what is usable by workers of a size, and what is stranded`() {
        let fragmentation = Fragmentation(PlacementTests.inventory([8, 3, 3, 0, 1]))
        #expect(fragmentation.free == 15)
        #expect(fragmentation.largestBlock == 8)
        #expect(fragmentation.blocks.map(\.units) == [8, 3, 1])
        #expect(fragmentation.blocks.map(\.nodes) == [1, 2, 1])
        #expect(fragmentation.places(for: 2) == 6)
        #expect(fragmentation.stranded(for: 2) == 3)
        #expect(fragmentation.stranded(for: 4) == 7)
        #expect(fragmentation.stranded(for: 16) == 15)
    }

    @Test func `what lies on nodes that take no pods is told apart`() {
        var inventory = PlacementTests.inventory([8, 4])
        var cordoned = GPUInventoryTests.node("n1")
        cordoned.isCordoned = true
        inventory.update(cordoned)
        let fragmentation = Fragmentation(inventory)
        #expect(fragmentation.free == 8)
        #expect(fragmentation.unreachable == 4)
    }

    @Test func `the largest memory is that of units that work together`() {
        var inventory = GPUInventory()
        let labels = ["nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.memory": "23034"]
        inventory.update(GPUInventoryTests.node("a", gpus: 4, labels: labels))
        #expect(Fragmentation(inventory).largestMemoryMiB == 92136)
        let shared = labels.merging(["nvidia.com/gpu.replicas": "2"]) { $1 }
        inventory.update(GPUInventoryTests.node("a", gpus: 8, labels: shared))
        #expect(Fragmentation(inventory).largestMemoryMiB == 11517)
    }
}
