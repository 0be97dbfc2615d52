import Capacity
import Runtimes

extension GPUAvailability {
    /// What nodes that take pods have of a resource.
    init(of resource: String, _ inventory: GPUInventory) {
        self.init(total: 0, free: [:], largestFreeBlock: 0, largestNode: 0)
        var taints: Set<String> = []
        for node in inventory.nodes where node.node.takesPods {
            for accelerator in node.accelerators where accelerator.resource.name == resource {
                let count = Int(clamping: accelerator.count)
                let left = Int(clamping: accelerator.count - node.allocatedUnits(of: accelerator))
                let product = accelerator.product?.name ?? accelerator.productLabel ?? "unknown"
                total += count
                free[product, default: 0] += left
                largestNode = max(largestNode, count)
                largestFreeBlock = max(largestFreeBlock, left)
                guard count > 0 else { continue }
                for taint in node.node.taints where taint.isStrict {
                    let value = taint.value.isEmpty ? "" : "=\(taint.value)"
                    taints.insert("\(taint.key)\(value):\(taint.effect)")
                }
            }
        }
        self.taints = taints.sorted()
    }
}
