/// Who makes an accelerator.
public enum GPUVendor: String, Sendable, Hashable, CaseIterable {
    /// NVIDIA: CUDA GPUs.
    case nvidia
    /// AMD: ROCm GPUs.
    case amd
    /// Intel: GPUs and Gaudi.
    case intel
    /// Google: TPUs.
    case google
    /// Huawei: Ascend.
    case huawei
}

/// A model of accelerator: what is the same for every card of that name.
public struct GPUProduct: Sendable, Hashable, Identifiable {
    /// The name as the node's label has it, as in `NVIDIA-H100-80GB-HBM3`.
    public let name: String
    /// Other names of the same product.
    public let aliases: [String]
    /// Who makes it.
    public let vendor: GPUVendor
    /// The extended resources under which a node offers it, without those of MIG and of sharing.
    public let resources: [String]
    /// The memory of the whole card in MiB as the vendor's management library tells it; nil for a part that shares the
    /// machine's memory, for which NVML tells none.
    public let memoryMiB: Int?
    /// What older drivers tell instead, in MiB.
    public let olderMemoryMiB: [Int]
    /// What a process sees as the device's memory, in bytes: a little less than ``memoryMiB``. It is this that an engine's
    /// memory fraction multiplies. Measured, or from ``visibleBytes(ofLabelMiB:)``.
    public let visibleBytes: Int64
    /// The name of the architecture: `sm_90`, `gfx942`.
    public let architecture: String
    /// The CUDA compute capability; nil for other vendors' parts.
    public let computeCapability: ComputeCapability?
    /// Whether it computes in bfloat16.
    public let supportsBF16: Bool
    /// Whether it multiplies matrices of 8-bit floats; without, such weights are stored so and widened for computing.
    public let hasFP8: Bool
    /// Whether it multiplies matrices of 4-bit floats.
    public let hasFP4: Bool
    /// Dense 16-bit matrix throughput in 10^12 operations per second, where known.
    public let denseTFLOPS: Double?
    /// Memory bandwidth in 10^9 bytes per second.
    public let bandwidthGBPerSecond: Double
    /// NVLink bandwidth in 10^9 bytes per second, both directions together; 0 without NVLink.
    public let nvlinkGBPerSecond: Double
    /// Whether it shares the machine's memory with the CPU.
    public let isUnifiedMemory: Bool
    /// The MIG profiles that it can be cut into.
    public let migProfiles: [MIGProfile]
    /// Whether its memory was measured, not taken from a data sheet.
    public let isEstablished: Bool

    /// The name, which is unique.
    public var id: String { name }

    /// What a process sees of a card of that memory, in bytes.
    ///
    /// The label may differ between drivers (error correction takes memory); what the driver keeps is about the same. For a
    /// known card it is the measured difference, else 0.45 GiB and 0.15 % of the card, which is what it is on cards from 15
    /// to 180 GiB to within 0.15 GiB.
    public func visibleBytes(ofLabelMiB labelMiB: Int) -> Int64 {
        guard let memoryMiB, abs(labelMiB - memoryMiB) * 20 < memoryMiB else {
            return Self.visibleBytes(ofLabelMiB: labelMiB)
        }
        return max(
            0,
            Int64(labelMiB) * ByteCount.mebibyte - (Int64(memoryMiB) * ByteCount.mebibyte - visibleBytes)
        )
    }

    /// What a process sees of a card of an unknown product with that memory, in bytes; see the method of the same name.
    public static func visibleBytes(ofLabelMiB labelMiB: Int) -> Int64 {
        let total = Int64(labelMiB) * ByteCount.mebibyte
        return max(0, total - ByteCount.gibibytes(0.45 + 0.0015 * total.gibibytes))
    }

    /// What a process sees of one such slice, in bytes: all of its memory, and never more than of the card.
    public func visibleBytes(of profile: MIGProfile) -> Int64? {
        memoryMiB.map { min(visibleBytes, Int64(profile.memoryMiB(ofCard: $0)) * ByteCount.mebibyte) }
    }
}
