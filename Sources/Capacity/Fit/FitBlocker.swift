/// Something that keeps a model from being served, with the smallest change that would help.
public struct FitBlocker: Sendable, Hashable {
    /// What it is, for programs.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The weights leave nothing of the budget.
        case weights = "weights_exceed_budget"
        /// The cache does not hold one request of the asked length.
        case oneRequest = "kv_one_request"
        /// The cache holds one request of the asked length but not as many as asked for at once.
        case concurrency = "kv_concurrency"
        /// Attention heads are not divisible by the tensor-parallel size.
        case tensorHeads = "tp_heads"
        /// KV heads and the tensor-parallel size do not divide one another.
        case tensorKeyValueHeads = "tp_kv_heads"
        /// A feed-forward width is not divisible by the tensor-parallel size.
        case tensorWidth = "tp_width"
        /// A shard would cut through a quantisation group.
        case tensorGroupSize = "tp_group_size"
        /// There are fewer layers than pipeline stages.
        case pipelineStages = "pp_stages"
        /// Expert parallelism of a model without experts.
        case expertParallel = "ep_no_experts"
        /// There are fewer GPUs than a replica needs.
        case gpuCount = "gpu_count"
        /// MIG slices cannot share a model.
        case migSlices = "mig_single_slice"
        /// GPUs that several workloads share: how much of the memory is free is not known.
        case sharedGPU = "gpu_shared"
        /// The engine dropped the architecture.
        case architectureRemoved = "arch_removed"
        /// The engine does not run the architecture.
        case architectureUnsupported = "arch_unsupported"
        /// Nobody knows whether the engine runs the architecture.
        case architectureUnknown = "arch_unknown"
        /// The engine reads GGUF files only, or cannot read them.
        case weightFile = "weight_format"
        /// The device is too old for the dtype or the quantisation.
        case capability = "gpu_capability"
        /// The quantisation is not known.
        case quantizationUnknown = "quantization_unknown"
        /// The model's layout is not known, so its cache cannot be told.
        case layoutUnknown = "layout_unknown"
        /// The memory of the device is not known.
        case memoryUnknown = "gpu_memory_unknown"
        /// No device was given.
        case noDevices = "no_devices"
    }

    /// What it is.
    public let code: Code
    /// The same in words.
    public let detail: String
    /// How much memory is needed on a GPU, in bytes.
    public var needBytes: Int64?
    /// How much there is, in bytes.
    public var haveBytes: Int64?
    /// The smallest change that would remove it.
    public var fix: FitChange?

    init(_ code: Code, _ detail: String, need: Int64? = nil, have: Int64? = nil, fix: FitChange? = nil) {
        self.code = code
        self.detail = detail
        needBytes = need
        haveBytes = have
        self.fix = fix
    }

    /// Whether it means that a fact is missing.
    var isUnknown: Bool {
        switch code {
        case .architectureUnknown, .quantizationUnknown, .layoutUnknown, .memoryUnknown, .sharedGPU: true
        default: false
        }
    }

    /// Whether it means that the engine does not do it, on any number of such devices.
    var isUnsupported: Bool {
        switch code {
        case .architectureRemoved, .architectureUnsupported, .weightFile, .capability: true
        default: false
        }
    }
}

/// One change of a request that makes a model fit.
public enum FitChange: Sendable, Hashable {
    /// Smaller batches: of so many sequences and tokens.
    case batch(sequences: Int, tokens: Int)
    /// Keys and values in another dtype.
    case keyValueDtype(String)
    /// A shorter context.
    case contextLength(Int)
    /// More of each GPU's memory.
    case memoryFraction(Double)
    /// Weights quantised, at load time or by another file.
    case quantization(String)
    /// Another number of ranks that share each layer.
    case tensorParallel(Int)
    /// More GPUs for a replica.
    case gpus(Int)
    /// Another version of the engine, the last that does it.
    case engineVersion(EngineVersion)
    /// Whole experts per rank.
    case expertParallel
    /// Fewer requests at once.
    case concurrency(Int)
}
