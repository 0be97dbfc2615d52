/// An NVIDIA GPU, with what GPU feature discovery says of it in a node's labels.
public struct GPUProduct: Sendable, Hashable {
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

    /// A product that is not among the known ones.
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

    /// The known product of that name; nil when there is none.
    public static func named(_ name: String) -> GPUProduct? { known.first { $0.name == name } }

    /// Products by their labels. The memory is that of current drivers.
    public static let known: [GPUProduct] = [
        GPUProduct("Tesla-P40", 24576, 6, 1),
        GPUProduct("Tesla-P100-PCIE-16GB", 16384, 6, 0),
        GPUProduct("Tesla-V100-SXM2-16GB", 16384, 7, 0),
        GPUProduct("Tesla-V100-SXM2-32GB", 32768, 7, 0),
        GPUProduct("Tesla-V100-PCIE-32GB", 32768, 7, 0),
        GPUProduct("Tesla-T4", 15360, 7, 5),
        GPUProduct("Quadro-RTX-6000", 24576, 7, 5),
        GPUProduct("Quadro-RTX-8000", 49152, 7, 5),
        GPUProduct("NVIDIA-A2", 15356, 8, 6),
        GPUProduct("NVIDIA-A10", 23028, 8, 6),
        GPUProduct("NVIDIA-A10G", 23028, 8, 6),
        GPUProduct("NVIDIA-A16", 15356, 8, 6),
        GPUProduct("NVIDIA-A30", 24576, 8, 0, mig: true),
        GPUProduct("NVIDIA-A40", 46068, 8, 6),
        GPUProduct("NVIDIA-A100-SXM4-40GB", 40960, 8, 0, mig: true),
        GPUProduct("NVIDIA-A100-PCIE-40GB", 40960, 8, 0, mig: true),
        GPUProduct("NVIDIA-A100-SXM4-80GB", 81920, 8, 0, mig: true),
        GPUProduct("NVIDIA-A100-80GB-PCIe", 81920, 8, 0, mig: true),
        GPUProduct("NVIDIA-A800-SXM4-80GB", 81920, 8, 0, mig: true),
        GPUProduct("NVIDIA-RTX-A6000", 49140, 8, 6),
        GPUProduct("NVIDIA-RTX-A5000", 24564, 8, 6),
        GPUProduct("NVIDIA-RTX-A4000", 16376, 8, 6),
        GPUProduct("NVIDIA-L4", 23034, 8, 9),
        GPUProduct("NVIDIA-L40", 46068, 8, 9),
        GPUProduct("NVIDIA-L40S", 46068, 8, 9),
        GPUProduct("NVIDIA-RTX-6000-Ada-Generation", 49140, 8, 9),
        GPUProduct("NVIDIA-RTX-5000-Ada-Generation", 32760, 8, 9),
        GPUProduct("NVIDIA-RTX-4000-Ada-Generation", 20475, 8, 9),
        GPUProduct("NVIDIA-RTX-2000-Ada-Generation", 16380, 8, 9),
        GPUProduct("NVIDIA-H100-80GB-HBM3", 81559, 9, 0, mig: true),
        GPUProduct("NVIDIA-H100-PCIe", 81559, 9, 0, mig: true),
        GPUProduct("NVIDIA-H100-NVL", 95830, 9, 0, mig: true),
        GPUProduct("NVIDIA-H800", 81559, 9, 0, mig: true),
        GPUProduct("NVIDIA-H20", 97871, 9, 0, mig: true),
        GPUProduct("NVIDIA-H200", 143771, 9, 0, mig: true),
        GPUProduct("NVIDIA-H200-NVL", 143771, 9, 0, mig: true),
        GPUProduct("NVIDIA-GH200-480GB", 97871, 9, 0, mig: true),
        GPUProduct("NVIDIA-GH200-144G-HBM3e", 147456, 9, 0, mig: true),
        GPUProduct("NVIDIA-B200", 183359, 10, 0, mig: true),
        GPUProduct("NVIDIA-GB200", 189471, 10, 0, mig: true),
        GPUProduct("NVIDIA-B300-SXM6-AC", 275040, 10, 3, mig: true),
        GPUProduct("NVIDIA-GB300", 284208, 10, 3, mig: true),
        GPUProduct("NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition", 97887, 12, 0, mig: true),
        GPUProduct("NVIDIA-RTX-PRO-6000-Blackwell-Workstation-Edition", 97887, 12, 0, mig: true),
        GPUProduct("NVIDIA-RTX-PRO-6000-Blackwell-Max-Q-Workstation-Edition", 97887, 12, 0, mig: true),
        GPUProduct("NVIDIA-RTX-PRO-5000-Blackwell", 48935, 12, 0),
        GPUProduct("NVIDIA-GB10", nil, 12, 1),
        GPUProduct("NVIDIA-Thor", nil, 11, 0),
        GPUProduct("NVIDIA-GeForce-RTX-5090", 32607, 12, 0),
        GPUProduct("NVIDIA-GeForce-RTX-5080", 16303, 12, 0),
        GPUProduct("NVIDIA-GeForce-RTX-5070-Ti", 16303, 12, 0),
        GPUProduct("NVIDIA-GeForce-RTX-5070", 12227, 12, 0),
        GPUProduct("NVIDIA-GeForce-RTX-5060-Ti", 16311, 12, 0),
        GPUProduct("NVIDIA-GeForce-RTX-4090", 24564, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-4090-D", 24564, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-4080-SUPER", 16376, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-4080", 16376, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-4070-Ti-SUPER", 16376, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-4070-Ti", 12282, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-4060-Ti", 16380, 8, 9),
        GPUProduct("NVIDIA-GeForce-RTX-3090", 24576, 8, 6),
        GPUProduct("NVIDIA-GeForce-RTX-3090-Ti", 24564, 8, 6),
        GPUProduct("NVIDIA-GeForce-RTX-3080-Ti", 12288, 8, 6),
        GPUProduct("NVIDIA-GeForce-RTX-3080", 10240, 8, 6),
        GPUProduct("NVIDIA-GeForce-RTX-3060", 12288, 8, 6),
        GPUProduct("NVIDIA-GeForce-RTX-2080-Ti", 11264, 7, 5),
    ]
}
