/// How an engine will be started: the request's wishes where there are any, else the engine's defaults.
struct EngineSettings {
    /// The part of the memory that the engine's fraction means.
    var fraction: Double
    /// The most sequences in a batch.
    var maxSequences: Int
    /// The most tokens in a batch.
    var maxBatchedTokens: Int
    /// How it divides its cache.
    var policy: CachePool.Policy
}

/// One attempt to serve a model: everything that is fixed before memory is reckoned. A class, since many hands get it, and a copy
/// of all that a profile refers to costs more than most of what they do.
final class ServingAttempt {
    let profile: ModelProfile
    let request: FitRequest
    let device: FitDevice
    let parallelism: Parallelism
    let version: EngineVersion
    /// What one GPU gives to this workload, in bytes.
    let visible: Int64
    /// The context to serve.
    let length: Int
    let dtype: KeyValueDtype
    /// Whether the dtype is what the engine takes by itself.
    let isDefaultDtype: Bool
    let settings: EngineSettings

    init(
        profile: ModelProfile,
        request: FitRequest,
        device: FitDevice,
        parallelism: Parallelism,
        version: EngineVersion,
        visible: Int64,
        length: Int,
        dtype: KeyValueDtype,
        isDefaultDtype: Bool,
        settings: EngineSettings
    ) {
        self.profile = profile
        self.request = request
        self.device = device
        self.parallelism = parallelism
        self.version = version
        self.visible = visible
        self.length = length
        self.dtype = dtype
        self.isDefaultDtype = isDefaultDtype
        self.settings = settings
    }

    /// The bytes of results between layers for a token: two halves of a gated block and their product, for every expert that a
    /// token sees, and four vectors of the residual stream.
    var blockBytesPerToken: Double {
        let hidden = Double(profile.hiddenSize)
        let ranks = Double(parallelism.tensor)
        let dense = 3 * Double(profile.denseWidth) / ranks
        var widest = dense
        if profile.experts > 0 {
            let seen = Double(max(1, profile.expertsPerToken))
            let experts = 3 * Double(profile.expertSize) * seen / ranks + (seen > 1 ? seen * hidden : 0)
            widest = max(dense, experts)
        }
        return 2 * (widest + 4 * hidden)
    }

    /// Bytes of the sampler's dummy pass over so many sequences.
    func samplerBytes(perCell: Double) -> Double {
        Double(min(settings.maxSequences, settings.maxBatchedTokens)) * Double(profile.vocabularySize)
            * perCell
    }

    /// The longest context of interest.
    var longest: Int { max(profile.contextLength ?? 0, length) }

    var isNVIDIA: Bool { device.product.map { $0.vendor == .nvidia } ?? true }
}

/// What an engine does with memory.
protocol EngineBudget {
    /// The settings for a request on a device.
    static func settings(
        _ request: FitRequest,
        _ profile: ModelProfile,
        _ device: FitDevice,
        _ parallelism: Parallelism,
        version: EngineVersion,
        length: Int
    ) -> EngineSettings

    /// The lines beside the weights, which are the same in every stage.
    static func lines(_ attempt: ServingAttempt) -> [MemoryBudget.Line]

    /// The line of recurrent states that are allocated up front; nil where they are in the cache.
    ///
    /// - Parameter states: bytes of a sequence's states in the stage.
    static func line(ofStates states: Int64, _ attempt: ServingAttempt) -> MemoryBudget.Line?

    /// What the engine may use and what is left for the cache, given everything else.
    static func cache(_ attempt: ServingAttempt, weights: Int64, overhead: Int64) -> (
        budget: Int64, cache: Int64
    )

    /// What of the settings nobody asked for, in words.
    static func assumptions(_ attempt: ServingAttempt) -> [String]

    /// The arguments that start it so.
    static func arguments(_ attempt: ServingAttempt) -> [String]
}

extension EngineBudget {
    static func line(ofStates states: Int64, _ attempt: ServingAttempt) -> MemoryBudget.Line? { nil }
}

extension MemoryBudget.Line {
    init(_ code: MemoryBudget.Code, _ bytes: Double, _ note: String) {
        self.init(code: code, bytes: Int64(saturating: bytes), note: note)
    }

    init(_ code: MemoryBudget.Code, gibibytes: Double, _ note: String) {
        self.init(code: code, bytes: ByteCount.gibibytes(gibibytes), note: note)
    }
}
