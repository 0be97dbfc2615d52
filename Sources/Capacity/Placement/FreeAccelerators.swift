/// What is free now of one kind of accelerators: those of one product, memory and way to share them, whichever nodes have them.
public struct FreeAccelerators: Sendable, Hashable {
    /// The kind, with a count of one.
    public let device: FitDevice
    /// The resource that pods ask for.
    public let resource: String
    /// The free blocks on nodes that take pods, the largest first.
    public let blocks: [Fragmentation.Block]

    /// The most free units on one node.
    public var largestBlock: Int { blocks.first.map { Int(clamping: $0.units) } ?? 0 }

    /// How many nodes have at least so many units free.
    public func nodes(with units: Int) -> Int {
        blocks.reduce(0) { $0 + ($1.units >= Int64(units) ? $1.nodes : 0) }
    }

    /// The kinds of which something is free, by product.
    public static func all(in inventory: GPUInventory) -> [FreeAccelerators] {
        struct Kind: Hashable {
            var resource: String
            var product: String?
            var memoryMiB: Int64?
            var sharing: NodeAccelerator.Sharing
            var isSingleSlice: Bool
        }
        var counts: [Kind: (accelerator: NodeAccelerator, nodes: [Int64: Int])] = [:]
        for node in inventory.nodes where node.node.takesPods {
            for accelerator in node.accelerators {
                let units = accelerator.count - node.allocatedUnits(of: accelerator)
                guard units > 0 else { continue }
                let kind = Kind(
                    resource: accelerator.resource.name,
                    product: accelerator.productLabel,
                    memoryMiB: accelerator.deviceMemoryMiB,
                    sharing: accelerator.sharing,
                    isSingleSlice: accelerator.isSingleSlice
                )
                counts[kind, default: (accelerator, [:])].nodes[units, default: 0] += 1
            }
        }
        return counts.map { kind, found in
            FreeAccelerators(
                device: FitDevice(found.accelerator, count: 1),
                resource: kind.resource,
                blocks: found.nodes.map { Fragmentation.Block(units: $0.key, nodes: $0.value) }
                    .sorted { $0.units > $1.units }
            )
        }
        .sorted { ($0.device.name, $0.resource) < ($1.device.name, $1.resource) }
    }
}
