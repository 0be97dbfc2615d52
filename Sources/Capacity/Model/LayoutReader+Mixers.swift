internal import JSON

extension LayoutReader {
    /// What a layer mixes tokens with.
    func mixer(of index: Int) -> TokenMixer {
        switch kind(of: index) {
        case .feedForwardOnly: .none
        case .recurrent: recurrentMixer().map(TokenMixer.recurrent) ?? .none
        case .parallel:
            recurrentMixer().map { .parallel(headAttention(keyValueHeads: keyValueHeads), $0) }
                ?? .heads(headAttention(keyValueHeads: keyValueHeads))
        case .attention: attention(of: index)
        }
    }

    private enum Kind {
        case attention
        case recurrent
        case parallel
        case feedForwardOnly
    }

    private func kind(of index: Int) -> Kind {
        if let pattern {
            return switch index < pattern.count ? pattern[index] : "*" {
            case "M": .recurrent
            case "-", "E": .feedForwardOnly
            case "H": .parallel
            default: .attention
            }
        }
        if heads == 0 || configuration.isFamily("mamba", "falcon_mamba", "rwkv") { return .recurrent }
        if configuration.isFamily("falcon_h1") { return .parallel }
        if let types = configuration.strings("layer_types"), index < types.count {
            return switch types[index] {
            case "linear_attention", "mamba", "conv", "recurrent", "lightning_attention", "kda": .recurrent
            default: .attention
            }
        }
        // Jamba.
        if let period = configuration.integer("attn_layer_period"), period > 0 {
            return index % period == configuration.integer("attn_layer_offset") ?? 0 ? .attention : .recurrent
        }
        // Qwen3-Next and Qwen3.5.
        if let interval = configuration.integer("full_attention_interval"), interval > 0 {
            return (index + 1) % interval == 0 ? .attention : .recurrent
        }
        // MiniMax-01 tells 0 for linear attention; Kimi Linear counts its layers from 1.
        if let kinds = configuration.integers("attn_type_list"), index < kinds.count {
            return kinds[index] == 0 ? .recurrent : .attention
        }
        if let linear = configuration.value("linear_attn_config")?["kda_layers"]?.arrayValue {
            return linear.contains { $0.integerValue == Int64(index + 1) } ? .recurrent : .attention
        }
        if let full = configuration.integers("full_attn_idxs"), configuration.isFamily("lfm2") {
            return full.contains(index) ? .attention : .recurrent
        }
        if let indices = configuration.integers("attn_layer_indices"), !indices.isEmpty {
            return indices.contains(index) ? .attention : .recurrent
        }
        return .attention
    }

    private func attention(of index: Int) -> TokenMixer {
        if let ratios = configuration.integers("compress_ratios") {
            return .compressed(
                CompressedAttention(
                    heads: heads,
                    ratio: index < ratios.count ? max(0, ratios[index]) : 0,
                    window: configuration.integer("sliding_window") ?? 128,
                    rowSize: headSize,
                    indexerSize: configuration.integer("index_head_dim") ?? 0
                )
            )
        }
        if let rank = configuration.integer("kv_lora_rank"), rank > 0 {
            return .latent(
                LatentAttention(
                    heads: heads,
                    latentSize: rank,
                    rotarySize: configuration.integer("qk_rope_head_dim") ?? 0,
                    queryKeySize: configuration.integer("qk_nope_head_dim") ?? headSize,
                    valueSize: configuration.integer("v_head_dim") ?? headSize,
                    indexerSize: hasIndexer(at: index) ? configuration.integer("index_head_dim") ?? 0 : 0
                )
            )
        }
        return .heads(headAttention(at: index))
    }

    /// Whether a layer of sparse attention has its own indexer: GLM-5.2 shares one among several (`indexer_types`).
    func hasIndexer(at index: Int) -> Bool {
        guard let types = configuration.strings("indexer_types"), index < types.count else { return true }
        return types[index] == "full"
    }

    private func headAttention(at index: Int) -> HeadAttention {
        var attention = headAttention(keyValueHeads: keyValueHeads, span: span(of: index))
        let isFull = attention.span == .all
        if isFull, let size = configuration.integer("global_head_dim"), size > 0 {
            // Gemma-4's full layers have wider and fewer heads.
            attention.keySize = size
            attention.valueSize = size
            attention.keyValueHeads =
                configuration.integer("num_global_key_value_heads") ?? attention.keyValueHeads
        } else if !isFull, let shared = configuration.integer("swa_num_key_value_heads"), shared > 0 {
            // MiMo-V2's windowed layers have their own heads.
            attention.keyValueHeads = shared
            attention.heads = configuration.integer("swa_num_attention_heads") ?? heads
            attention.keySize = configuration.integer("swa_head_dim") ?? attention.keySize
            attention.valueSize = configuration.integer("swa_v_head_dim") ?? attention.valueSize
        }
        if let sharing = configuration.integer("num_kv_shared_layers"), sharing > 0 {
            attention.sharesCache = index >= layerCount - sharing
        }
        return attention
    }
}
