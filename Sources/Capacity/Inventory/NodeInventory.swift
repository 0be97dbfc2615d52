/// A node, its accelerators, and what is set aside on it. It does not change: a change of the node makes another one, so that an
/// inventory of many nodes is copied by references.
public final class NodeInventory: Sendable {
    /// The node.
    public let node: NodeFacts
    /// Its accelerators, by the name of their resource.
    public let accelerators: [NodeAccelerator]
    /// What pods that have not ended have been given, accelerators or not.
    public let allocated: ResourceAmounts
    /// The inventory's revision when the node or what is set aside on it last changed.
    public let revision: UInt64
    /// How many devices pods may request.
    public let total: Int64
    /// How many of them pods have been given; of more than there are, all.
    public let allocatedDevices: Int64

    convenience init(_ node: NodeFacts, allocated: ResourceAmounts, revision: UInt64) {
        self.init(node, NodeAccelerator.all(of: node), allocated, revision)
    }

    /// The node when other amounts are set aside on it.
    func with(allocated: ResourceAmounts, revision: UInt64) -> NodeInventory {
        NodeInventory(node, accelerators, allocated, revision)
    }

    private init(
        _ node: NodeFacts,
        _ accelerators: [NodeAccelerator],
        _ allocated: ResourceAmounts,
        _ revision: UInt64
    ) {
        self.node = node
        self.accelerators = accelerators
        self.allocated = allocated
        self.revision = revision
        var total: Int64 = 0
        var given: Int64 = 0
        for accelerator in accelerators where accelerator.resource.unit == .device {
            total += accelerator.count
            given += Self.units(of: accelerator, in: allocated)
        }
        self.total = total
        allocatedDevices = given
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

    /// How many devices are left, whether or not the node takes pods.
    public var freeDevices: Int64 { total - allocatedDevices }

    /// How many units of an accelerator pods have been given; of more than there are, all.
    public func allocatedUnits(of accelerator: NodeAccelerator) -> Int64 {
        Self.units(of: accelerator, in: allocated)
    }

    private static func units(of accelerator: NodeAccelerator, in allocated: ResourceAmounts) -> Int64 {
        min(accelerator.count, max(0, allocated[accelerator.resource.name]))
    }
}
