/// A model as far as memory is concerned.
public struct ModelProfile: Sendable, Hashable {
    /// How well its weights are known.
    public enum Evidence: String, Sendable, Hashable {
        /// From tensors' headers, from a file, or from a layout that agrees with a published count.
        case exactWeights = "exact_weights"
        /// From a configuration alone.
        case configuration = "config_only"
        /// From a number of parameters alone; of attention nothing is known for sure.
        case parameterCount = "parameter_count_only"
    }

    /// What the model does with text.
    public enum Role: String, Sendable, Hashable {
        /// Writes text.
        case generation
        /// Turns text into vectors or scores; caches nothing.
        case embedding
    }

    /// The class that the configuration names, or GGUF's name of the architecture.
    public internal(set) var architecture: String
    /// The family: `llama`, `qwen3_moe`, …
    public internal(set) var family: String
    /// What it does.
    public internal(set) var role: Role
    /// How well its weights are known.
    public internal(set) var evidence: Evidence
    /// What was assumed where the evidence did not tell, in words.
    public internal(set) var assumptions: [String] = []

    /// Its layers, first to last; empty when its layout is unknown.
    public internal(set) var layers: [LayerProfile] = []
    /// Parameters outside the layers.
    public internal(set) var outside = ComponentAmounts()
    /// Bytes of each layer's weights on all GPUs together, as they are served.
    public internal(set) var layerBytes: [ComponentAmounts] = []
    /// Bytes outside the layers.
    public internal(set) var outsideBytes = ComponentAmounts()

    /// The width of the residual stream; 0 when unknown.
    public internal(set) var hiddenSize = 0
    /// Rows of the embedding; 0 when unknown.
    public internal(set) var vocabularySize = 0
    /// The width of dense feed-forward blocks; 0 when unknown.
    public internal(set) var intermediateSize = 0
    /// The width of one routed expert; 0 without experts.
    public internal(set) var expertSize = 0
    /// Routed experts of a layer; 0 without experts.
    public internal(set) var experts = 0
    /// Routed experts that a token sees; 0 without experts.
    public internal(set) var expertsPerToken = 0
    /// Query heads of the first layer that has any; 0 without attention.
    public internal(set) var attentionHeads = 0
    /// KV heads of the first layer that has any; 0 without attention.
    public internal(set) var keyValueHeads = 0
    /// The longest context in tokens that the model was made for; nil when it tells none.
    public internal(set) var contextLength: Int?
    /// Whether the output projection is the embedding.
    public internal(set) var tiesEmbeddings = false
    /// Attention to an encoder's output.
    public internal(set) var crossAttention: CrossAttention?
    /// Whether it takes images or sound.
    public internal(set) var isMultimodal = false
    /// Heads of the vision encoder, where they are known.
    public internal(set) var visionHeads: Int?

    /// The different mixers of its layers.
    var mixerKinds: [TokenMixer] = []
    /// Which of ``mixerKinds`` each layer has.
    var mixerOfLayer: [Int] = []
    /// The numbers of KV heads that its layers have, without layers of latent attention, whose one row every rank has.
    private(set) var keyValueHeadCounts: [Int] = []

    /// The dtype in which the checkpoint's plain weights are, as it names it.
    public internal(set) var dtype: String?
    /// How it is quantised; nil when it is not, or not in a way that is known.
    public internal(set) var quantization: QuantizationScheme?
    /// The name of a quantisation that is not known. Its weights cannot be told then.
    public internal(set) var unknownQuantization: String?
    /// The quantisation of a GGUF file; nil for other formats.
    public internal(set) var ggufFormat: String?

    /// All parameters.
    public var parameters: Int64 { parametersByComponent.total }

    /// Parameters by component.
    public internal(set) var parametersByComponent = ComponentAmounts()
    /// Bytes by component.
    public internal(set) var bytesByComponent = ComponentAmounts()

    /// The bytes of all weights.
    public var weightBytes: Int64 { bytesByComponent.total }

    /// Parameters that a token passes through: without the experts that it does not see.
    public var activeParameters: Int64 {
        guard experts > 0 else { return parameters }
        let all = parametersByComponent[.experts]
        return parameters - all + Int64(Double(all) * Double(min(expertsPerToken, experts)) / Double(experts))
    }

    /// Whether the layers are known, without which nothing is known of the cache.
    public var hasLayout: Bool { !layers.isEmpty }
}

extension ModelProfile {
    /// Adds up what the parts say. To be called when they have changed.
    mutating func sum() {
        if mixerOfLayer.count != layers.count { sortMixers() }
        parametersByComponent = outside
        bytesByComponent = outsideBytes
        for layer in layers { parametersByComponent += layer.parameters }
        for bytes in layerBytes { bytesByComponent += bytes }
    }

    private mutating func sortMixers() {
        var places: [TokenMixer: Int] = [:]
        mixerKinds = []
        mixerOfLayer = layers.map { layer in
            if let place = places[layer.mixer] { return place }
            places[layer.mixer] = mixerKinds.count
            mixerKinds.append(layer.mixer)
            return mixerKinds.count - 1
        }
        keyValueHeadCounts = []
        for kind in mixerKinds {
            switch kind {
            case .heads(let attention), .parallel(let attention, _):
                if !keyValueHeadCounts.contains(attention.keyValueHeads) {
                    keyValueHeadCounts.append(attention.keyValueHeads)
                }
            default: break
            }
        }
    }

    /// How many layers of a stage have each of ``mixerKinds``.
    func mixerCounts(in stage: Range<Int>) -> [Int] {
        var counts = Array(repeating: 0, count: mixerKinds.count)
        for index in stage.clamped(to: mixerOfLayer.indices) { counts[mixerOfLayer[index]] += 1 }
        return counts
    }

    /// Computes all bytes from the parameters, the quantisation and the serving dtype.
    mutating func measure(plain: WeightFormat = .bf16) {
        let scheme = quantization ?? QuantizationScheme(method: "", format: plain)
        (outsideBytes, layerBytes) = scheme.bytes(
            outside: outside,
            layers: layers,
            family: family,
            plain: plain
        )
        sum()
    }

    /// The profile with its weights stored otherwise: quantised when the engine loads them, or in 32 bits.
    ///
    /// - Parameter scheme: what the engine makes of linear layers; nil leaves them as they are.
    public func served(as scheme: QuantizationScheme?, plain: WeightFormat = .bf16) -> ModelProfile {
        var profile = self
        if let scheme { profile.quantization = scheme }
        profile.measure(plain: plain)
        return profile
    }
}
