import Capacity
import Testing

struct FreeAcceleratorTests {
    @Test func `what is free is told by kind, not by node`() {
        var inventory = GPUInventory()
        let a100 = [
            "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", "nvidia.com/gpu.memory": "81920",
        ]
        let l4 = ["nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.memory": "23034"]
        inventory.update(GPUInventoryTests.node("a", gpus: 8, labels: a100))
        inventory.update(GPUInventoryTests.node("b", gpus: 8, labels: a100))
        inventory.update(GPUInventoryTests.node("c", gpus: 4, labels: l4))
        inventory.update(GPUInventoryTests.node("d", gpus: 4, labels: l4))
        inventory.replace(pod: nil, with: GPUInventoryTests.pod("p", on: "b", gpus: 5))
        inventory.replace(pod: nil, with: GPUInventoryTests.pod("q", on: "c", gpus: 4))
        var cordoned = GPUInventoryTests.node("d", gpus: 4, labels: l4)
        cordoned.isCordoned = true
        inventory.update(cordoned)
        let kinds = FreeAccelerators.all(in: inventory)
        #expect(kinds.map(\.device.name) == ["NVIDIA-A100-SXM4-80GB"])
        #expect(kinds.first?.blocks.map(\.units) == [8, 3])
        #expect(kinds.first?.largestBlock == 8)
        #expect((1...9).map { kinds.first?.nodes(with: $0) ?? 0 } == [2, 2, 2, 1, 1, 1, 1, 1, 0])
        #expect(kinds.first?.device.count == 1)
    }
}
