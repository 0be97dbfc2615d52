extension LayoutReader {
    /// How far back a layer of plain attention reads.
    ///
    /// Transformers ≥ 4.53 writes it for each layer (`layer_types`). Before that each family had its rule in code. A family
    /// whose rule is unknown counts as reading everything, which never takes less memory.
    func span(of index: Int) -> AttentionSpan {
        if let size = configuration.integer("attention_chunk_size"), size > 0,
            configuration.isFamily("llama4")
        {
            return isFullInLlama4(index) ? .all : .chunk(size)
        }
        guard let size = configuration.integer("sliding_window", "sliding_window_size"), size > 0 else {
            return .all
        }
        // A window as long as the context is none.
        if let context = configuration.integer("max_position_embeddings"), size >= context { return .all }
        if configuration.flag("use_sliding_window") == false { return .all }
        return isWindowed(index) ? .window(size) : .all
    }

    private func isWindowed(_ index: Int) -> Bool {
        if let types = configuration.strings("layer_types"), index < types.count {
            return types[index].hasPrefix("sliding") || types[index].hasPrefix("chunked")
        }
        if let pattern = configuration.integers("hybrid_layer_pattern"), index < pattern.count {
            return pattern[index] == 1
        }
        if let pattern = configuration.integer("sliding_window_pattern", "_sliding_window_pattern"),
            pattern > 0
        {
            return (index + 1) % pattern != 0
        }
        if let letters = configuration.string("sliding_window_pattern"), !letters.isEmpty {
            // EXAONE-4 repeats letters, L for local and G for global; the last layer is global.
            return index != layerCount - 1 && Array(letters)[index % letters.count] == "L"
        }
        if configuration.isFamily("gemma2", "gpt_oss") { return index % 2 == 0 }
        if configuration.isFamily("gemma3n") { return (index + 1) % 5 != 0 }
        if configuration.isFamily("gemma3") { return (index + 1) % 6 != 0 }
        if configuration.isFamily("gemma4") { return (index + 1) % 6 != 0 && index != layerCount - 1 }
        if configuration.isFamily("cohere2", "olmo3", "flex_olmo3") { return (index + 1) % 4 != 0 }
        if configuration.isFamily("qwen") {
            guard configuration.flag("use_sliding_window") == true else { return false }
            return index >= configuration.integer("max_window_layers") ?? 0
        }
        return configuration.isFamily("mistral", "mixtral", "starcoder2", "phi3", "phi4", "ministral")
    }

    /// Every fourth layer reads everything, where the file lists no others (`no_rope_layers`: 0 for those).
    private func isFullInLlama4(_ index: Int) -> Bool {
        if let listed = configuration.integers("no_rope_layers"), listed.count == layerCount {
            return listed[index] == 0
        }
        return (index + 1)
            % (configuration.integer("no_rope_layer_interval").flatMap { $0 > 0 ? $0 : nil } ?? 4) == 0
    }
}
