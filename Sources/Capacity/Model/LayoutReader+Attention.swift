internal import JSON

extension LayoutReader {
    /// Adds a mixer's parameters.
    func addParameters(of mixer: TokenMixer, at index: Int, to parameters: inout ComponentAmounts) {
        switch mixer {
        case .heads(let attention): addHeads(attention, to: &parameters)
        case .latent(let attention): addLatent(attention, to: &parameters)
        case .compressed(let attention): addCompressed(attention, to: &parameters)
        case .recurrent: parameters[.recurrent] = recurrentParameters
        case .parallel(let attention, _):
            addHeads(attention, to: &parameters)
            parameters[.recurrent] = recurrentParameters
        case .none: break
        }
        addBlockIndexer(at: index, to: &parameters)
    }

    private func addHeads(_ attention: HeadAttention, to parameters: inout ComponentAmounts) {
        let hidden = Int64(layout.hiddenSize)
        let queries = Int64.product(Int64(attention.heads), Int64(attention.keySize))
        let outputs = Int64.product(Int64(attention.heads), Int64(attention.valueSize))
        let keys = Int64.product(Int64(attention.keyValueHeads), Int64(attention.keySize))
        let values = Int64.product(Int64(attention.keyValueHeads), Int64(attention.valueSize))
        var queryOutput = Int64.product(hidden, queries).addingSaturated(.product(hidden, outputs))
        // A gate on the output is as wide as the query: Qwen3-Next, Qwen3.5.
        if configuration.flag("attn_output_gate") ?? configuration.isFamily("qwen3_next", "qwen3_5") {
            queryOutput = queryOutput.addingSaturated(.product(hidden, queries))
        }
        if hasQueryBias { queryOutput = queryOutput.addingSaturated(queries) }
        parameters[.attentionQueryOutput] = queryOutput
        // Where a layer's values are its keys, only the keys are projected: Gemma-4's full layers.
        let isShared =
            attention.span == .all && configuration.integer("global_head_dim") != nil
            && configuration.flag("attention_k_eq_v") ?? configuration.isFamily("gemma4")
        let width = attention.sharesCache ? 0 : isShared ? keys : keys.addingSaturated(values)
        parameters[.attentionKeyValue] = Int64.product(hidden, width).addingSaturated(
            hasQueryBias ? width : 0
        )
        if hasHeadNorms { parameters[.norms] += Int64(2 * attention.keySize) }
    }

    private var hasQueryBias: Bool {
        configuration.flag(
            "attention_bias",
            "qkv_bias",
            "use_qkv_bias",
            "add_qkv_bias",
            "use_bias",
            "attention_qkv_bias"
        )
            ?? configuration.isFamily(
                "qwen2",
                "qwen",
                "gpt2",
                "opt",
                "bloom",
                "gpt_neox",
                "phi",
                "gpt_oss",
                "starcoder2"
            )
    }

    private var hasHeadNorms: Bool {
        configuration.flag("use_qk_norm", "qk_layernorm")
            ?? configuration.isFamily("qwen3", "gemma3", "olmo", "gemma4")
    }

    private func addLatent(_ attention: LatentAttention, to parameters: inout ComponentAmounts) {
        let hidden = Int64(layout.hiddenSize)
        let heads = Int64(attention.heads)
        let latent = Int64(attention.latentSize)
        let querySize = Int64(attention.queryKeySize) + Int64(attention.rotarySize)
        let queries = Int64.product(heads, querySize)
        let outputs = Int64.product(heads, Int64(attention.valueSize))
        var replicated = Int64.product(hidden, attention.cachedElements)
        var sharded = Int64.product(latent, heads, Int64(attention.queryKeySize) + Int64(attention.valueSize))
        var queryOutput = Int64.product(hidden, outputs)
        let queryRank = Int64(configuration.integer("q_lora_rank") ?? 0)
        if queryRank > 0 {
            replicated = replicated.addingSaturated(.product(hidden, queryRank))
            sharded = sharded.addingSaturated(.product(queryRank, queries))
        } else {
            queryOutput = queryOutput.addingSaturated(.product(hidden, queries))
        }
        if configuration.flag("mla_use_output_gate") == true {
            queryOutput = queryOutput.addingSaturated(.product(hidden, outputs))
        }
        if attention.indexerSize > 0 {
            let heads = Int64(configuration.integer("index_n_heads") ?? 0)
            let size = Int64(attention.indexerSize)
            let fromQuery = Int64.product(queryRank > 0 ? queryRank : hidden, heads, size)
            replicated = replicated.addingSaturated(hidden * (size + heads)).addingSaturated(fromQuery)
        }
        parameters[.latentReplicated] = replicated
        parameters[.latentSharded] = sharded
        parameters[.attentionQueryOutput] = queryOutput
    }

    /// DeepSeek-V4: low-rank queries, one key-value row for all heads, a grouped low-rank output, and compressors of rows
    /// (`modeling_deepseek_v4.py`).
    private func addCompressed(_ attention: CompressedAttention, to parameters: inout ComponentAmounts) {
        let hidden = Int64(layout.hiddenSize)
        let row = Int64(attention.rowSize)
        let queries = Int64.product(Int64(attention.heads), row)
        let queryRank = Int64(configuration.integer("q_lora_rank") ?? layout.hiddenSize)
        // A file without these has DeepSeek-V4's: eight groups of rank 1,024, or 16 of a stream twice as wide.
        let groups = Int64(configuration.integer("o_groups") ?? (layout.hiddenSize > 6000 ? 16 : 8))
        let outputRank = Int64(configuration.integer("o_lora_rank") ?? 1024)
        parameters[.latentSharded] = .product(queryRank, queries)
        parameters[.attentionKeyValue] = .product(hidden, row)
        parameters[.other] = Int64.product(queries, outputRank).addingSaturated(
            .product(groups, outputRank, hidden)
        )
        var replicated = Int64.product(hidden, queryRank)
        // A compressor projects the stream to rows and to their weights; where rows are few tokens long, both overlap and
        // the indexer has a compressor of its own.
        let overlap: Int64 = attention.ratio == 0 ? 0 : attention.ratio <= 8 ? 2 : 1
        replicated = replicated.addingSaturated(.product(2, overlap, hidden, row))
        if attention.ratio > 0, attention.ratio <= 8, attention.indexerSize > 0 {
            let size = Int64(attention.indexerSize)
            let heads = Int64(configuration.integer("index_n_heads") ?? 0)
            replicated = replicated.addingSaturated(.product(queryRank, heads, size)).addingSaturated(
                hidden * heads
            )
            replicated = replicated.addingSaturated(.product(2, overlap, hidden, size))
        }
        parameters[.latentReplicated] = replicated
    }

    /// MiniMax-M3 chooses blocks of tokens by a small index of its own in each sparse layer (`sparse_attention_config`).
    private func addBlockIndexer(at index: Int, to parameters: inout ComponentAmounts) {
        guard let sparse = configuration.value("sparse_attention_config"),
            sparse["sparse_attention_freq"]?[index]?.integerValue == 1,
            let size = sparse["sparse_index_dim"]?.integerValue, (1...65_536).contains(size),
            let heads = sparse["sparse_num_index_heads"]?.integerValue, (1...4096).contains(heads)
        else { return }
        parameters[.latentReplicated] += Int64(layout.hiddenSize) * (heads * size + size)
    }
}
