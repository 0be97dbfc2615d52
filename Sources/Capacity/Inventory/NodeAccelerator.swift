/// The accelerators of one resource on a node, and what is known of each.
public struct NodeAccelerator: Sendable, Hashable {
    /// How a device is divided among the pods that ask for one.
    public enum Sharing: Sendable, Hashable {
        /// Each pod has what it asks for to itself.
        case exclusive
        /// Pods take turns. Nothing keeps one from using all the memory that is left.
        case timeSliced(replicas: Int)
        /// Pods run at the same time, and each may use its part of the memory (CUDA MPS).
        case multiProcess(replicas: Int)

        /// How many pods share a device.
        public var replicas: Int {
            switch self {
            case .exclusive: 1
            case .timeSliced(let replicas), .multiProcess(let replicas): replicas
            }
        }
    }

    /// Where the memory of a device is known from.
    public enum MemorySource: String, Sendable, Hashable {
        /// A label of the node, which its driver has filled.
        case label
        /// What devices of the product have.
        case product
        /// The product and the name of the MIG profile.
        case profile
    }

    /// The resource.
    public let resource: AcceleratorResource
    /// How many units pods may request.
    public let count: Int64
    /// The product as the node's label has it, without what marks sharing or slices; nil when no label says.
    public let productLabel: String?
    /// The product; nil when it is not known.
    public let product: GPUProduct?
    /// How devices are divided.
    public let sharing: Sharing
    /// The memory of one device or slice, MiB, before it is shared; nil when it is not known.
    public let deviceMemoryMiB: Int64?
    /// Where that is known from.
    public let memorySource: MemorySource?
    /// How many devices there are, of which units are shares; nil when no label says.
    public let deviceCount: Int64?

    /// The memory that one unit can count on, MiB: of a shared device its part. Nil when it is not known.
    public var unitMemoryMiB: Int64? { deviceMemoryMiB.map { $0 / Int64(sharing.replicas) } }

    /// Whether several units work together on one model: slices and shares do not, since nothing links them.
    public var canCombine: Bool {
        if case .device = resource.unit { return sharing == .exclusive && !isSingleSlice }
        return false
    }

    /// Whether units are MIG slices under the name of whole devices (the `single` strategy).
    public let isSingleSlice: Bool

    /// The accelerators of a node, by the name of their resource.
    public static func all(of node: NodeFacts) -> [NodeAccelerator] {
        node.allocatable.devices.keys.sorted().compactMap { name in
            guard let resource = AcceleratorResource(name) else { return nil }
            return NodeAccelerator(resource, count: max(0, node.allocatable[name]), labels: node.labels)
        }
    }

    init(_ resource: AcceleratorResource, count: Int64, labels: [String: String]) {
        self.resource = resource
        self.count = count
        let description: AcceleratorLabels =
            switch resource.vendor {
            case .nvidia: .nvidia(resource, count: count, labels)
            case .amd: .amd(labels)
            case .intel: .intel(resource, labels)
            case .google: .google(labels)
            case .huawei: .huawei(labels)
            }
        productLabel = description.product
        sharing = description.sharing
        isSingleSlice = description.isSingleSlice
        deviceCount = description.deviceCount
        let product = description.product.flatMap {
            // Under the single strategy the label is the slice's memory, which tells nothing of the card.
            GPUProduct.matching(
                label: $0,
                memoryMiB: description.profile == nil ? description.memoryMiB.map(Int.init(clamping:)) : nil
            )
        }
        self.product = product
        let card = product?.memoryMiB
        if let memory = description.memoryMiB {
            (deviceMemoryMiB, memorySource) = (memory, .label)
        } else if let profile = description.profile {
            deviceMemoryMiB = card.map { Int64(profile.memoryMiB(ofCard: $0)) }
            memorySource = card == nil ? nil : .profile
        } else if let product {
            // A part that shares the machine's memory tells no size of its own: what a process sees of it counts.
            (deviceMemoryMiB, memorySource) = (card.map(Int64.init) ?? product.visibleBytes >> 20, .product)
        } else {
            (deviceMemoryMiB, memorySource) = (nil, nil)
        }
    }
}
