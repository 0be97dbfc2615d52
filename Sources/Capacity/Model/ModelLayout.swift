internal import JSON

/// What a configuration says of a model's shape: its layers in order and what stands around them, in parameters.
struct ModelLayout {
    /// The layers, first to last.
    var layers: [LayerProfile] = []
    /// What is not in a layer: embedding, output projection, last norm, encoders.
    var outside = ComponentAmounts()
    /// The width of the residual stream.
    var hiddenSize = 0
    /// Rows of the embedding.
    var vocabularySize = 0
    /// The widest feed-forward block, of dense layers and of one expert.
    var intermediateSize = 0
    /// The width of one routed expert; 0 without experts.
    var expertSize = 0
    /// Routed experts in a layer; 0 without experts.
    var experts = 0
    /// Routed experts that a token sees; 0 without experts.
    var expertsPerToken = 0
    /// The layers that read an encoder's output.
    var crossAttention: CrossAttention?
    /// Whether the output projection is the embedding.
    var tiesEmbeddings = false
}

/// Layers that attend to an encoder's output, which is cached once per sequence.
public struct CrossAttention: Sendable, Hashable {
    /// How many layers do so.
    public var layers: Int
    /// Heads of keys and values.
    public var keyValueHeads: Int
    /// Elements of a head.
    public var headSize: Int
    /// Tokens that the encoder gives for the largest input.
    public var encoderTokens: Int
}

/// Reads a layout from a configuration. Each step is in an extension of its own file.
struct LayoutReader {
    let configuration: ModelConfiguration
    var layout = ModelLayout()

    /// The layout, or nil when the configuration lacks what every model has.
    static func layout(of configuration: ModelConfiguration) -> ModelLayout? {
        var reader = LayoutReader(configuration: configuration)
        guard reader.readSizes() else { return nil }
        reader.readOutside()
        for index in 0..<reader.layerCount { reader.readLayer(index) }
        reader.readCrossAttention()
        return reader.layout
    }

    private(set) var layerCount = 0
    private(set) var heads = 0
    private(set) var headSize = 0
    private(set) var keyValueHeads = 0
    /// Where each layer's kind is told by a letter: `M` Mamba, `*` attention, `-` feed-forward, `E` experts.
    private(set) var pattern: [Character]?

    /// No model has as many layers; a file that claims so is not followed.
    private static let mostLayers = 2048

    private mutating func readSizes() -> Bool {
        pattern = Self.pattern(of: configuration)
        let blocks = configuration.value("block_configs")?.arrayValue?.count
        let count =
            configuration.integer("num_hidden_layers", "n_layers", "n_layer", "num_layers", "decoder_layers")
            ?? pattern?.count
            ?? blocks ?? configuration.strings("layer_types")?.count
        guard let hidden = configuration.integer("hidden_size", "n_embd", "d_model", "dim", "model_dim"),
            hidden > 0,
            let count, (1...Self.mostLayers).contains(count),
            let vocabulary = configuration.integer("padded_vocab_size", "vocab_size"), vocabulary > 0
        else { return false }
        layout.hiddenSize = hidden
        layout.vocabularySize = vocabulary
        layout.tiesEmbeddings = configuration.tiesEmbeddings
        layerCount = count
        heads =
            configuration.integer(
                "num_attention_heads",
                "n_head",
                "n_heads",
                "num_heads",
                "decoder_attention_heads"
            ) ?? 0
        // A family without attention has no heads.
        let derived = heads > 0 ? hidden / heads : 0
        headSize =
            configuration.integer(
                "head_dim",
                "attention_head_dim",
                "kv_channels",
                "attention_head_size",
                "d_kv"
            ) ?? derived
        if headSize == 0 { headSize = derived }
        keyValueHeads = readKeyValueHeads()
        guard heads == 0 || (headSize > 0 && keyValueHeads > 0) else { return false }
        readFeedForwardSizes()
        return true
    }

    private func readKeyValueHeads() -> Int {
        // Falcon's first models share one head among all; a member that tells another number is not read then
        // (`configuration_falcon.py`).
        if configuration.isFamily("falcon", "refinedweb"),
            !configuration.isFamily("falcon_h1", "falcon_mamba", "falcon3")
        {
            if configuration.flag("new_decoder_architecture") != true {
                return configuration.flag("multi_query") ?? true ? 1 : heads
            }
        }
        if configuration.isFamily("gpt_bigcode") {
            return configuration.flag("multi_query") ?? true ? 1 : heads
        }
        if let nested = configuration.value("attn_config")?["kv_n_heads"]?.integerValue, nested > 0,
            nested <= heads
        {
            return Int(nested)
        }
        let told = configuration.integer(
            "num_key_value_heads",
            "num_kv_heads",
            "n_head_kv",
            "n_kv_heads",
            "multi_query_group_num"
        )
        return min(told.flatMap { $0 > 0 ? $0 : nil } ?? heads, max(heads, 1))
    }

    private static func pattern(of configuration: ModelConfiguration) -> [Character]? {
        if let text = configuration.string("hybrid_override_pattern"), !text.isEmpty { return Array(text) }
        guard let kinds = configuration.strings("layers_block_type"), !kinds.isEmpty else { return nil }
        return kinds.map { kind in
            switch kind {
            case "mamba": "M"
            case "moe": "E"
            case "mlp": "-"
            case "hybrid": "H"
            default: "*"
            }
        }
    }

    /// Adds to a component what is not in a layer.
    mutating func addOutside(_ component: ParameterComponent, _ count: Int64) {
        layout.outside[component] = layout.outside[component].addingSaturated(count)
    }
}
