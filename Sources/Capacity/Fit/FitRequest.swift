/// What is asked: whether a model fits on some GPUs with an engine and a workload.
public struct FitRequest: Sendable, Hashable {
    /// The model's name on the Hub, for messages; the profile is given beside the request.
    public var model: String
    /// The model's revision.
    public var revision: String?
    /// The engine.
    public var engine = InferenceEngine.vllm
    /// Its version; nil for the one that the figures were taken from.
    public var engineVersion: EngineVersion?
    /// The GPUs, each kind on its own: a model is never spread over two kinds.
    public var devices: [FitDevice]
    /// What is to be served.
    public var workload = FitWorkload()
    /// How it is to be served.
    public var options = FitOptions()
    /// What the engine printed at earlier starts of this model.
    public var measurements: [FitMeasurement] = []
    /// How many candidates are listed at most, 1 to 64.
    public var candidateLimit = 5

    /// A request for a model on GPUs.
    public init(model: String, devices: [FitDevice]) {
        self.model = model
        self.devices = devices
    }
}

/// How many requests of which length.
public struct FitWorkload: Sendable, Hashable {
    /// The longest context in tokens, prompt and answer together; nil for the model's own, with which engines start.
    public var contextLength: Int?
    /// How many requests of that length are to run at once.
    public var concurrency = 1
    /// The most sequences in a batch; nil for the engine's default.
    public var maxSequences: Int?
    /// The most tokens in a batch; nil for the engine's default.
    public var maxBatchedTokens: Int?

    /// One request at a time, of the model's longest context.
    public init() {}
}

/// How a model is to be served; what is nil the engine or this core chooses.
public struct FitOptions: Sendable, Hashable {
    /// What to do about the weights: nil as they are, `fp8` to quantise at load time, or a type of GGUF file.
    public var quantization: String?
    /// The dtype of keys and values, as the engine calls it.
    public var keyValueDtype: String?
    /// Ranks that share each layer.
    public var tensorParallel: Int?
    /// Stages that have some layers each.
    public var pipelineParallel: Int?
    /// Whether ranks have whole experts.
    public var expertParallel = false
    /// The engine's memory fraction, of what its meaning is for that engine.
    public var memoryFraction: Double?
    /// The cache's size on each GPU in bytes, which goes before the fraction.
    public var cacheBytes: Int64?
    /// Whether the engine runs without CUDA graphs.
    public var isEager = false
    /// Bytes on each GPU that others use.
    public var usedBytes: Int64 = 0
    /// Bytes of adapters that are kept on each GPU.
    public var adapterBytes: Int64 = 0
    /// Whether vision and audio encoders are whole on every rank.
    public var hasWholeTowers = false

    /// Everything as the engine has it.
    public init() {}
}

/// What an engine printed when it started a model: better than any estimate of the same.
public struct FitMeasurement: Sendable, Hashable {
    /// The spread that it was started with.
    public var parallelism: Parallelism
    /// The engine's version.
    public var version: EngineVersion
    /// The product's name.
    public var product: String
    /// Bytes of weights on a GPU: vLLM's "Model loading took".
    public var weightBytes: Int64
    /// Bytes beside weights and cache on a GPU, where the engine printed the cache's size.
    public var overheadBytes: Int64?

    /// Such a start.
    public init(
        parallelism: Parallelism,
        version: EngineVersion,
        product: String,
        weightBytes: Int64,
        overheadBytes: Int64? = nil
    ) {
        self.parallelism = parallelism
        self.version = version
        self.product = product
        self.weightBytes = weightBytes
        self.overheadBytes = overheadBytes
    }
}
