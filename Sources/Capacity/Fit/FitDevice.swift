/// GPUs of one kind that a model may be put on.
public struct FitDevice: Sendable, Hashable {
    /// The name under which they were asked about: a product, a label.
    public var name: String
    /// The product; nil when it is not known.
    public var product: GPUProduct?
    /// How many of them work together: those of a node, or of several for pipeline stages.
    public var count: Int
    /// What a process sees as the memory of one, in bytes; nil when it is not known.
    public var visibleBytes: Int64?
    /// The compute capability; nil when it is not known or the vendor has none.
    public var capability: ComputeCapability?
    /// Whether NVLink or the like connects them; nil when it is not known.
    public var hasNVLink: Bool?
    /// Whether several units work on one model: MIG slices and shares of a GPU do not.
    public var canCombine = true
    /// How many workloads share one GPU; 1 for a GPU of one's own.
    public var sharers = 1
    /// The label of the memory as it was given, in MiB.
    public var labelMiB: Int?

    /// GPUs of a product.
    ///
    /// - Parameters:
    ///   - product: a label's value, or a person's short name.
    ///   - count: how many there are.
    ///   - memoryMiB: the label of their memory; it goes before the product's.
    ///   - visibleBytes: what a process sees, where that was measured; it goes before both.
    public init(named name: String, count: Int = 1, memoryMiB: Int? = nil, visibleBytes: Int64? = nil) {
        let label = GPUProductLabel(name)
        let product = GPUProduct.matching(label: name, memoryMiB: memoryMiB) ?? GPUProduct.named(name)
        self.init(
            product: product,
            name: name,
            count: count,
            memoryMiB: memoryMiB,
            visibleBytes: visibleBytes
        )
        if let profile = label.migProfile {
            canCombine = false
            // Under the single strategy the label is the slice's.
            if visibleBytes == nil {
                self.visibleBytes =
                    memoryMiB.map { Int64($0) * ByteCount.mebibyte } ?? product?.visibleBytes(of: profile)
            }
        }
        if label.isShared {
            canCombine = false
            // The suffix says that there are several, not how many: nothing can be counted on.
            sharers = 0
        }
    }

    /// GPUs of a product that is known, or of which only the memory is.
    public init(
        product: GPUProduct?,
        name: String,
        count: Int = 1,
        memoryMiB: Int? = nil,
        visibleBytes: Int64? = nil
    ) {
        self.name = name
        self.product = product
        self.count = max(0, count)
        self.labelMiB = memoryMiB
        self.visibleBytes =
            visibleBytes
            ?? memoryMiB.map {
                product?.visibleBytes(ofLabelMiB: $0) ?? GPUProduct.visibleBytes(ofLabelMiB: $0)
            }
            ?? product?.visibleBytes
        capability = product?.computeCapability
        hasNVLink = product.map { $0.nvlinkGBPerSecond > 0 }
    }

    /// Units of a node's accelerator, as many as may be used.
    public init(_ accelerator: NodeAccelerator, count: Int) {
        let mebibytes = accelerator.deviceMemoryMiB.map { Int(clamping: $0) }
        self.init(
            product: accelerator.product,
            name: accelerator.productLabel ?? accelerator.resource.name,
            count: count,
            memoryMiB: mebibytes
        )
        canCombine = accelerator.canCombine
        sharers = accelerator.sharing.replicas
        if case .slice = accelerator.resource.unit {
            visibleBytes = mebibytes.map { Int64($0) * ByteCount.mebibyte }
        }
        if accelerator.isSingleSlice { visibleBytes = mebibytes.map { Int64($0) * ByteCount.mebibyte } }
    }

    /// What one workload may count on, in bytes: of a shared GPU its part.
    var shareBytes: Int64? {
        guard sharers > 0 else { return nil }
        return visibleBytes.map { $0 / Int64(sharers) }
    }

    /// Whether the GPU has the machine's memory.
    var isUnifiedMemory: Bool { product?.isUnifiedMemory ?? false }
}
