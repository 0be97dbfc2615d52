/// How the free accelerators of a cluster lie: on which nodes how many together.
public struct Fragmentation: Sendable, Hashable {
    /// A number of free units that some nodes have.
    public struct Block: Sendable, Hashable {
        /// Free units on each of the nodes.
        public let units: Int64
        /// How many nodes have as many.
        public let nodes: Int
    }

    /// The free blocks, the largest first.
    public let blocks: [Block]
    /// Free units on nodes that take pods.
    public let free: Int64
    /// Free units on nodes that take none, because they are cordoned or not ready.
    public let unreachable: Int64
    /// The largest memory that lies together on one node: free units that work together times the memory of each, MiB.
    public let largestMemoryMiB: Int64?

    /// The free units of an inventory: of one resource, or of all whose units are whole devices.
    public init(_ inventory: GPUInventory, resource: String? = nil) {
        var counts: [Int64: Int] = [:]
        var (free, unreachable) = (Int64(0), Int64(0))
        var memory: Int64?
        for node in inventory.nodes {
            for accelerator in node.accelerators {
                if let resource, accelerator.resource.name != resource { continue }
                if resource == nil, accelerator.resource.unit != .device { continue }
                let units = max(0, accelerator.count - max(0, node.allocated[accelerator.resource.name]))
                guard units > 0 else { continue }
                guard node.node.takesPods else {
                    unreachable += units
                    continue
                }
                free += units
                counts[units, default: 0] += 1
                if let unitMemory = accelerator.unitMemoryMiB {
                    memory = max(memory ?? 0, unitMemory * (accelerator.canCombine ? units : 1))
                }
            }
        }
        blocks = counts.map { Block(units: $0.key, nodes: $0.value) }.sorted { $0.units > $1.units }
        self.free = free
        self.unreachable = unreachable
        largestMemoryMiB = memory
    }

    /// The most free units on one node.
    public var largestBlock: Int64 { blocks.first?.units ?? 0 }

    /// How many workers with that many units each have a place now.
    public func places(for units: Int64) -> Int64 {
        units > 0 ? blocks.reduce(0) { $0 + $1.units / units * Int64($1.nodes) } : 0
    }

    /// Free units that no worker with that many units can use.
    public func stranded(for units: Int64) -> Int64 { free - places(for: units) * max(0, units) }
}
