/// A node, its accelerators, and what is set aside on it.
public struct NodeInventory: Sendable, Hashable {
    /// The node.
    public let node: NodeFacts
    /// Its accelerators, by the name of their resource.
    public let accelerators: [NodeAccelerator]
    /// What pods that have not ended have been given, accelerators or not.
    public internal(set) var allocated: ResourceAmounts {
        didSet { allocatedDevices = devices.reduce(0) { $0 + allocatedUnits(of: $1) } }
    }
    /// The inventory's revision when the node or what is set aside on it last changed.
    public internal(set) var revision: UInt64 = 0

    init(_ node: NodeFacts, allocated: ResourceAmounts) {
        self.node = node
        accelerators = NodeAccelerator.all(of: node)
        self.allocated = allocated
        total = devices.reduce(0) { $0 + $1.count }
        allocatedDevices = devices.reduce(0) { $0 + allocatedUnits(of: $1) }
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

    /// The accelerators whose units are devices, not slices or named shares of them.
    public var devices: some Sequence<NodeAccelerator> {
        accelerators.lazy.filter { $0.resource.unit == .device }
    }

    /// How many devices pods may request.
    public private(set) var total: Int64 = 0

    /// How many of them pods have been given; of more than there are, all.
    public private(set) var allocatedDevices: Int64 = 0

    /// How many devices are left, whether or not the node takes pods.
    public var freeDevices: Int64 { total - allocatedDevices }

    /// How many units of an accelerator pods have been given; of more than there are, all.
    public func allocatedUnits(of accelerator: NodeAccelerator) -> Int64 {
        min(accelerator.count, max(0, allocated[accelerator.resource.name]))
    }
}
