/// An NVIDIA GPU, with what GPU feature discovery says of it in a node's labels.
public struct GPUDescription: Sendable, Hashable {
    /// The label `nvidia.com/gpu.product`: NVML's name with dashes for spaces.
    public let name: String
    /// The label `nvidia.com/gpu.memory`, MiB of the whole card as NVML tells it; nil for parts whose memory is the host's,
    /// for which there is no such label.
    public let memoryMiB: Int64?
    /// The compute capability, before and after the dot.
    public let computeMajor: Int64
    /// The compute capability after the dot.
    public let computeMinor: Int64
    /// Whether the card can be divided into instances.
    public let supportsMIG: Bool

    /// A GPU with that label, memory in MiB and compute capability.
    public init(
        _ name: String,
        _ memoryMiB: Int64?,
        _ computeMajor: Int64,
        _ computeMinor: Int64,
        mig supportsMIG: Bool = false
    ) {
        self.name = name
        self.memoryMiB = memoryMiB
        self.computeMajor = computeMajor
        self.computeMinor = computeMinor
        self.supportsMIG = supportsMIG
    }

    /// The label `nvidia.com/gpu.family`, which follows from the compute capability (k8s-device-plugin, internal/lm).
    public var family: String {
        switch (computeMajor, computeMinor) {
        case (1, _): "tesla"
        case (2, _): "fermi"
        case (3, _): "kepler"
        case (5, _): "maxwell"
        case (6, _): "pascal"
        case (7, 5): "turing"
        case (7, _): "volta"
        case (8, 9): "ada-lovelace"
        case (8, _): "ampere"
        case (9, _): "hopper"
        case (10, _), (12, _): "blackwell"
        case (13, _): "rubin"
        default: "undefined"
        }
    }

    /// The NVIDIA GPU of that label, as far as the label, what is given and the table of products say.
    ///
    /// - Parameters:
    ///   - memoryMiB: the memory, MiB; nil for the product's.
    ///   - capability: the compute capability; nil for the product's, and 0.0 where that is not known.
    ///   - supportsMIG: whether it can be divided; nil for what the product can.
    public init(
        label: String,
        memoryMiB: Int64? = nil,
        capability: ComputeCapability? = nil,
        supportsMIG: Bool? = nil
    ) {
        let known = Self.product(label)
        let capability = capability ?? known?.computeCapability
        self.init(
            label,
            memoryMiB ?? known?.memoryMiB.map(Int64.init),
            Int64(capability?.major ?? 0),
            Int64(capability?.minor ?? 0),
            mig: supportsMIG ?? (known?.migProfiles.isEmpty == false)
        )
    }

    /// The NVIDIA product with exactly that label; nil when there is none.
    public static func product(_ label: String) -> GPUProduct? {
        GPUProduct.all.first { $0.vendor == .nvidia && $0.name == label }
    }
}
