internal import JSON

extension LayoutReader {
    /// The embedding, the output projection, the last norm and the encoders.
    mutating func readOutside() {
        let hidden = Int64(layout.hiddenSize)
        let table = Int64.product(Int64(layout.vocabularySize), hidden)
        addOutside(.embedding, table)
        // OPT may have an embedding narrower than the stream, with projections on both sides; GPT-2 and OPT learn positions.
        if configuration.isFamily("gpt2", "gpt_bigcode", "opt", "whisper", "bert", "roberta", "xlm-roberta"),
            let positions = configuration.integer(
                "n_positions",
                "max_target_positions",
                "max_position_embeddings"
            )
        {
            addOutside(.embedding, .product(Int64(positions), hidden))
        }
        if generates, !layout.tiesEmbeddings { addOutside(.languageHead, table) }
        addOutside(.norms, hidden)
        readPerLayerEmbedding()
        for tower in EncoderTower.towers(of: configuration, hiddenSize: layout.hiddenSize) {
            addOutside(.towers, tower.parameters)
        }
    }

    /// Whether the class has an output projection: an embedding model's has none.
    var generates: Bool {
        let name = configuration.architecture
        return !name.hasSuffix("Model") || name.hasSuffix("LMHeadModel") || name == "ChatGLMModel"
    }

    /// Gemma-3n and Gemma-4 E models add a small embedding of the token in each layer (`modeling_gemma3n.py`).
    private mutating func readPerLayerEmbedding() {
        guard let size = configuration.integer("hidden_size_per_layer_input"), size > 0 else { return }
        let vocabulary = configuration.integer("vocab_size_per_layer_input") ?? layout.vocabularySize
        let width = Int64.product(Int64(layerCount), Int64(size))
        addOutside(.perLayerEmbedding, .product(Int64(vocabulary), width))
        addOutside(.other, .product(Int64(layout.hiddenSize), width))
    }

    /// Layers that read an encoder's output: Whisper's decoder, Llama-3.2 Vision's inserted layers.
    mutating func readCrossAttention() {
        if configuration.isFamily("whisper") {
            layout.crossAttention = CrossAttention(
                layers: layerCount,
                keyValueHeads: heads,
                headSize: headSize,
                encoderTokens: configuration.integer("max_source_positions") ?? 1500
            )
        } else if let layers = configuration.integers("cross_attention_layers"), !layers.isEmpty {
            // Four tiles of 1,601 patches (`configuration_mllama.py`).
            layout.crossAttention = CrossAttention(
                layers: layers.count,
                keyValueHeads: keyValueHeads,
                headSize: headSize,
                encoderTokens: 6404
            )
        }
    }
}
