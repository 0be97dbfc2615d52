/// A node, its accelerators, and what is set aside on it.
public struct NodeInventory: Sendable, Hashable {
    /// The node.
    public let node: NodeFacts
    /// Its accelerators, by the name of their resource.
    public let accelerators: [NodeAccelerator]
    /// What pods that have not ended have been given, accelerators or not.
    public internal(set) var allocated: ResourceAmounts

    init(_ node: NodeFacts, allocated: ResourceAmounts) {
        self.node = node
        accelerators = NodeAccelerator.all(of: node)
        self.allocated = allocated
    }

    /// What is left for pods: never less than nothing, even where more is set aside than there is, as after a device has failed.
    public var free: ResourceAmounts {
        let rest = node.allocatable - allocated
        return ResourceAmounts(
            milliCPU: max(0, rest.milliCPU),
            memoryBytes: max(0, rest.memoryBytes),
            devices: rest.devices.filter { $0.value > 0 }
        )
    }

    /// How many units of accelerators there are.
    public var total: Int64 { accelerators.reduce(0) { $0 + $1.count } }

    /// How many of them pods have been given; of more than there are, all.
    public var allocatedUnits: Int64 {
        accelerators.reduce(0) { $0 + min($1.count, max(0, allocated[$1.resource.name])) }
    }

    /// How many are left.
    public var freeUnits: Int64 { total - allocatedUnits }
}
