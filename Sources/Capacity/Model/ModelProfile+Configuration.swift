internal import JSON

/// Why no profile could be made.
public enum ModelProfileFailure: Error, Sendable, Hashable {
    /// There is neither a configuration nor a number of parameters.
    case noEvidence
    /// The configuration is no object.
    case notAnObject
}

extension ModelProfile {
    /// Understands a model from what is known of its files.
    ///
    /// - Throws: when nothing is known of it.
    public init(_ evidence: ModelEvidence) throws(ModelProfileFailure) {
        guard
            let root = evidence.configuration
                ?? evidence.mistralParameters.map(MistralParameters.configuration)
        else {
            try self.init(countOnly: evidence)
            return
        }
        guard root.objectValue != nil else { throw .notAnObject }
        let configuration = ModelConfiguration(root)
        self.init(
            architecture: configuration.architecture,
            family: configuration.modelType,
            role: Self.role(of: configuration.architecture),
            evidence: .configuration
        )
        dtype = configuration.dtype
        contextLength = configuration.contextLength
        isMultimodal = ["vision_config", "audio_config", "visual", "thinker_config"].contains {
            configuration.root[$0]?.objectValue?.isEmpty == false
        }
        let vision = configuration.root["vision_config"]
        visionHeads = ["num_attention_heads", "num_heads", "vt_num_attention_heads"].lazy
            .compactMap { vision?[$0]?.integerValue }.first.flatMap {
                (1...65_536).contains($0) ? Int($0) : nil
            }
        switch QuantizationReader.statement(configuration: configuration, separate: evidence.quantization) {
        case .none: break
        case .scheme(let scheme): quantization = scheme
        case .unknown(let name): unknownQuantization = name
        }
        if let layout = LayoutReader.layout(of: configuration) {
            adopt(layout)
            if !configuration.isKnownFamily {
                assumptions.append(
                    "The layout of '\(configuration.modelType)' is not known to this version: read as a usual decoder."
                )
            }
        } else {
            assumptions.append("The configuration does not tell the sizes of the model's layers.")
        }
        measure()
        reconcile(with: evidence, isKnownFamily: configuration.isKnownFamily)
    }

    init(architecture: String, family: String, role: Role, evidence: Evidence) {
        self.architecture = architecture
        self.family = family
        self.role = role
        self.evidence = evidence
    }

    /// A profile of nothing but a number.
    private init(countOnly evidence: ModelEvidence) throws(ModelProfileFailure) {
        let elements = evidence.elementsByDtype.values.reduce(Int64(0)) { $0.addingSaturated(max(0, $1)) }
        guard let count = evidence.parameterCount ?? (elements > 0 ? elements : nil), count > 0 else {
            throw .noEvidence
        }
        self.init(architecture: "", family: "", role: .generation, evidence: .parameterCount)
        outside[.other] = count
        assumptions.append("Only the number of parameters is known.")
        measure()
    }

    private mutating func adopt(_ layout: ModelLayout) {
        layers = layout.layers
        outside = layout.outside
        hiddenSize = layout.hiddenSize
        vocabularySize = layout.vocabularySize
        intermediateSize = layout.intermediateSize
        expertSize = layout.expertSize
        experts = layout.experts
        expertsPerToken = layout.expertsPerToken
        crossAttention = layout.crossAttention
        tiesEmbeddings = layout.tiesEmbeddings
        readHeads()
    }

    /// Takes the heads of the first layer that has any.
    mutating func readHeads() {
        for layer in layers {
            switch layer.mixer {
            case .heads(let attention), .parallel(let attention, _):
                (attentionHeads, keyValueHeads) = (attention.heads, attention.keyValueHeads)
            case .latent(let attention): (attentionHeads, keyValueHeads) = (attention.heads, 1)
            case .compressed(let attention): (attentionHeads, keyValueHeads) = (attention.heads, 1)
            case .recurrent, .none: continue
            }
            return
        }
    }

    private static func role(of architecture: String) -> Role {
        let isHeadless = architecture.hasSuffix("Model") && !architecture.hasSuffix("LMHeadModel")
        let scores = [
            "SequenceClassification", "TokenClassification", "RewardModel", "ForMaskedLM", "ForRetrieval",
        ]
        guard !scores.contains(where: architecture.contains) else { return .embedding }
        return isHeadless && architecture != "ChatGLMModel" ? .embedding : .generation
    }
}

extension ModelConfiguration {
    /// The longest context.
    var contextLength: Int? {
        let length = integer(
            "max_position_embeddings",
            "max_sequence_length",
            "seq_length",
            "n_positions",
            "max_seq_len",
            "model_max_length",
            "max_target_positions",
            "n_ctx"
        )
        return length.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether this version knows how the family lays out its layers.
    var isKnownFamily: Bool {
        let known = [
            "llama", "mistral", "mixtral", "ministral", "qwen", "gemma", "phi", "deepseek", "kimi", "olmo",
            "flex_olmo", "granite",
            "cohere", "falcon", "refinedweb", "starcoder2", "glm", "chatglm", "smollm", "seed_oss", "minimax",
            "nemotron", "gpt_oss",
            "gpt2", "gpt_neox", "gpt_bigcode", "gptj", "opt", "bloom", "mpt", "stablelm", "internlm",
            "baichuan", "yi", "exaone",
            "ernie4_5", "hunyuan", "mimo", "jamba", "mamba", "bamba", "lfm2", "apertus", "arcee", "smolvlm",
            "idefics3", "dbrx",
            "pixtral", "voxtral", "whisper", "mllama", "mimo_v2", "step3p", "internvl", "llava", "longcat",
            "solar", "aquila",
            "orion", "xverse", "minicpm", "afmoe", "bailing", "ling", "dots1", "grok", "zamba2",
        ]
        return known.contains { modelType.hasPrefix($0) }
    }
}
