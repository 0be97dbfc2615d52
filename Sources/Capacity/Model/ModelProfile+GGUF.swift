extension ModelProfile {
    /// Understands a model from the headers of its GGUF files: one, or all shards, whose first has the metadata.
    ///
    /// - Throws: when there is no header, or none with tensors.
    public init(gguf headers: [GGUFHeader]) throws(ModelProfileFailure) {
        guard let first = headers.first, headers.contains(where: { !$0.tensors.isEmpty }) else {
            throw .noEvidence
        }
        let metadata = GGUFMetadata(first.metadata)
        self.init(
            architecture: metadata.architecture,
            family: metadata.architecture,
            role: metadata.integer("pooling_type").map { $0 > 0 } ?? false ? .embedding : .generation,
            evidence: .exactWeights
        )
        var reader = GGUFLayoutReader(metadata, tensors: headers.flatMap(\.tensors))
        reader.read()
        layers = reader.layers
        layerBytes = reader.layerBytes
        outside = reader.outside
        outsideBytes = reader.outsideBytes
        hiddenSize = metadata.integer("embedding_length") ?? 0
        vocabularySize = reader.vocabularySize
        intermediateSize = metadata.integers("feed_forward_length")?.max() ?? 0
        experts = metadata.integer("expert_count") ?? 0
        expertsPerToken = metadata.integer("expert_used_count") ?? 0
        expertSize = experts > 0 ? metadata.integer("expert_feed_forward_length") ?? intermediateSize : 0
        contextLength = metadata.integer("context_length").flatMap { $0 > 0 ? $0 : nil }
        tiesEmbeddings = outside[.languageHead] == 0
        ggufFormat = metadata.fileType ?? reader.commonType
        if layers.isEmpty { assumptions.append("The file does not tell the sizes of the model's layers.") }
        readHeads()
        sum()
    }
}

/// A GGUF file's metadata, read under the architecture's prefix.
struct GGUFMetadata {
    private let values: [String: GGUFHeader.Value]
    let architecture: String

    init(_ values: [String: GGUFHeader.Value]) {
        self.values = values
        if case .text(let name) = values["general.architecture"] {
            architecture = name
        } else {
            architecture = ""
        }
    }

    private static let largest: Int64 = 1 << 31

    private static func size(_ number: Int64) -> Int? { (0...largest).contains(number) ? Int(number) : nil }

    /// A whole number in range, of a per-layer setting the largest.
    func integer(_ key: String) -> Int? {
        switch values["\(architecture).\(key)"] {
        case .integer(let number): Self.size(number)
        case .integers(let numbers): numbers.max().flatMap(Self.size)
        default: nil
        }
    }

    /// A setting for each layer, or one for all.
    func integers(_ key: String) -> [Int]? {
        switch values["\(architecture).\(key)"] {
        case .integer(let number): Self.size(number).map { [$0] }
        case .integers(let numbers): numbers.map { Self.size($0) ?? 0 }
        default: nil
        }
    }

    /// A setting of a layer.
    func integer(_ key: String, ofLayer index: Int) -> Int? {
        guard let all = integers(key), let first = all.first else { return nil }
        return all.count == 1 ? first : index < all.count ? all[index] : nil
    }

    /// How many tokens the tokenizer has.
    var tokens: Int? {
        switch values["tokenizer.ggml.tokens"] {
        case .array(let count): Self.size(count)
        case .integers(let numbers): numbers.count
        default: nil
        }
    }

    /// The mixture's name (llama.cpp, `llama.h`, `llama_ftype`).
    var fileType: String? {
        guard case .integer(let number) = values["general.file_type"] else { return nil }
        let names: [Int64: String] = [
            0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
            11: "Q3_K_S", 12: "Q3_K_M",
            13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS",
            20: "IQ2_XS",
            21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M",
            28: "IQ2_S",
            29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
        ]
        return names[number]
    }
}

/// Sorts a GGUF file's tensors into layers and components.
struct GGUFLayoutReader {
    let metadata: GGUFMetadata
    let tensors: [GGUFHeader.Tensor]
    private(set) var layers: [LayerProfile] = []
    private(set) var layerBytes: [ComponentAmounts] = []
    private(set) var outside = ComponentAmounts()
    private(set) var outsideBytes = ComponentAmounts()
    private(set) var vocabularySize = 0
    /// The type that takes the most bytes.
    private(set) var commonType: String?

    init(_ metadata: GGUFMetadata, tensors: [GGUFHeader.Tensor]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    /// No model has as many layers.
    private static let mostLayers = 2048

    mutating func read() {
        let count = min(metadata.integer("block_count") ?? 0, Self.mostLayers)
        // What predicts further tokens is in the last layers and is not run by default.
        let used = max(0, count - (metadata.integer("nextn_predict_layers") ?? 0))
        var parameters = Array(repeating: ComponentAmounts(), count: used)
        var bytes = parameters
        var hasState = Array(repeating: false, count: used)
        var hasAttention = hasState
        var hasFused = hasState
        var bytesByType: [String: Int64] = [:]
        for tensor in tensors {
            bytesByType[tensor.type, default: 0] = bytesByType[tensor.type, default: 0].addingSaturated(
                tensor.bytes
            )
            let (layer, component) = Self.place(of: tensor.name)
            if let layer {
                guard layer < used else { continue }
                parameters[layer][component] = parameters[layer][component].addingSaturated(tensor.elements)
                bytes[layer][component] = bytes[layer][component].addingSaturated(tensor.bytes)
                if component == .recurrent { hasState[layer] = true }
                // A gated delta net has its query, key and value in one tensor, as fused attention has.
                let isFused = tensor.name.contains(".attn_qkv.")
                if isFused { hasFused[layer] = true }
                if !isFused, component == .attentionKeyValue || component == .latentReplicated {
                    hasAttention[layer] = true
                }
            } else {
                outside[component] = outside[component].addingSaturated(tensor.elements)
                outsideBytes[component] = outsideBytes[component].addingSaturated(tensor.bytes)
            }
        }
        commonType = bytesByType.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        let hidden = Int64(metadata.integer("embedding_length") ?? 0)
        let rows = hidden > 0 ? outside[.embedding] / hidden : 0
        vocabularySize = rows > 0 ? Int(clamping: rows) : metadata.tokens ?? 0
        layerBytes = bytes
        layers = parameters.enumerated().map { index, amounts in
            LayerProfile(
                mixer: mixer(
                    index,
                    hasState[index],
                    hasAttention[index] || hasFused[index] && !hasState[index]
                ),
                parameters: amounts
            )
        }
    }

    private func mixer(_ index: Int, _ hasState: Bool, _ hasAttention: Bool) -> TokenMixer {
        let recurrent = hasState ? recurrentMixer : nil
        guard hasAttention || !hasState, let attention = attention(index) else {
            return recurrent.map(TokenMixer.recurrent) ?? .none
        }
        if let recurrent { return .parallel(attention, recurrent) }
        if let rank = metadata.integer("attention.kv_lora_rank"), rank > 0 {
            let rotary = metadata.integer("rope.dimension_count") ?? 64
            let keySize =
                metadata.integer("attention.key_length_mla") ?? metadata.integer("attention.key_length")
                ?? rank
            return .latent(
                LatentAttention(
                    heads: attention.heads,
                    latentSize: rank,
                    rotarySize: rotary,
                    queryKeySize: max(0, keySize - rotary),
                    valueSize: metadata.integer("attention.value_length_mla") ?? attention.valueSize,
                    indexerSize: metadata.integer("attention.indexer.key_length") ?? 0
                )
            )
        }
        return .heads(attention)
    }

    private func attention(_ index: Int) -> HeadAttention? {
        guard let heads = metadata.integer("attention.head_count", ofLayer: index), heads > 0,
            let hidden = metadata.integer("embedding_length")
        else { return nil }
        let shared = metadata.integer("attention.head_count_kv", ofLayer: index) ?? heads
        guard shared > 0 else { return nil }
        let isWindowed = isWindowed(index)
        let size = hidden / heads
        let keySize = metadata.integer(isWindowed ? "attention.key_length_swa" : "attention.key_length")
        let valueSize = metadata.integer(isWindowed ? "attention.value_length_swa" : "attention.value_length")
        let window = metadata.integer("attention.sliding_window") ?? 0
        return HeadAttention(
            heads: heads,
            keyValueHeads: shared,
            keySize: keySize ?? metadata.integer("attention.key_length") ?? size,
            valueSize: valueSize ?? metadata.integer("attention.value_length") ?? size,
            span: isWindowed && window > 0 ? .window(window) : .all
        )
    }

    /// Whether a layer has a window, by the file's pattern or the architecture's (llama.cpp, `llama-model.cpp`).
    private func isWindowed(_ index: Int) -> Bool {
        guard let window = metadata.integer("attention.sliding_window"), window > 0 else { return false }
        if let context = metadata.integer("context_length"), window >= context { return false }
        if let pattern = metadata.integers("attention.sliding_window_pattern") {
            if pattern.count > 1 { return index < pattern.count && pattern[index] != 0 }
            if let period = pattern.first, period > 1 { return (index + 1) % period != 0 }
        }
        switch metadata.architecture {
        case "gemma2", "gpt-oss": return index % 2 == 0
        case "gemma3": return (index + 1) % 6 != 0
        case "gemma3n": return (index + 1) % 5 != 0
        case "cohere2", "llama4", "olmo2", "exaone4": return (index + 1) % 4 != 0
        default: return false
        }
    }

    private var recurrentMixer: RecurrentMixer? {
        guard let inner = metadata.integer("ssm.inner_size"), let state = metadata.integer("ssm.state_size")
        else {
            // LFM2's short convolutions.
            guard let width = metadata.integer("shortconv.l_cache"),
                let hidden = metadata.integer("embedding_length")
            else {
                return nil
            }
            return RecurrentMixer(
                stateElements: 0,
                convolutionElements: .product(Int64(width), Int64(hidden))
            )
        }
        let groups = Int64(metadata.integer("ssm.group_count") ?? 0)
        let kernel = Int64(metadata.integer("ssm.conv_kernel") ?? 4)
        let channels = Int64(inner).addingSaturated(.product(2, groups, Int64(state)))
        return RecurrentMixer(
            stateElements: .product(Int64(inner), Int64(state)),
            convolutionElements: .product(channels, max(0, kernel - 1))
        )
    }

    /// The layer and the component of a tensor, by its name (`gguf` package, `constants.py`).
    private static func place(of name: String) -> (layer: Int?, component: ParameterComponent) {
        guard name.hasPrefix("blk.") else {
            if name.hasPrefix("token_embd") || name.hasPrefix("position_embd")
                || name.hasPrefix("token_types")
            {
                return (nil, .embedding)
            }
            if name.hasPrefix("output.") { return (nil, .languageHead) }
            if name.hasPrefix("per_layer") { return (nil, .perLayerEmbedding) }
            if name.hasPrefix("v.") || name.hasPrefix("a.") || name.hasPrefix("mm.") { return (nil, .towers) }
            return (nil, name.contains("norm") ? .norms : .other)
        }
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, let layer = Int(parts[1]), layer >= 0 else { return (nil, .other) }
        let rest = parts[2]
        func begins(_ prefixes: String...) -> Bool { prefixes.contains { rest.hasPrefix($0) } }
        if begins("ssm", "shortconv", "time_mix") { return (layer, .recurrent) }
        if begins("attn_q_a", "attn_kv_a", "indexer") { return (layer, .latentReplicated) }
        if begins("attn_q_b", "attn_kv_b", "attn_k_b", "attn_v_b") { return (layer, .latentSharded) }
        if rest.contains("norm") || begins("attn_sinks") { return (layer, .norms) }
        if begins("attn_k", "attn_v", "attn_qkv") { return (layer, .attentionKeyValue) }
        if begins("attn") { return (layer, .attentionQueryOutput) }
        if begins("ffn_gate_inp", "exp_probs") { return (layer, .router) }
        if rest.contains("_shexp") { return (layer, .sharedExperts) }
        if rest.contains("_exps") { return (layer, .experts) }
        if begins("ffn") { return (layer, .feedForward) }
        return (layer, .other)
    }
}
