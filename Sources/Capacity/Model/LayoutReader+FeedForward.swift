internal import JSON

extension LayoutReader {
    /// The widths of dense blocks and of experts, and how many experts there are.
    mutating func readFeedForwardSizes() {
        let nested = configuration.value("ffn_config")
        func nestedSize(_ key: String) -> Int? {
            nested?[key]?.integerValue.flatMap { (1...(1 << 31)).contains($0) ? Int($0) : nil }
        }
        let dense =
            configuration.integer(
                "intermediate_size_mlp",
                "dense_intermediate_size",
                "intermediate_size",
                "ffn_hidden_size",
                "n_inner",
                "ffn_dim",
                "decoder_ffn_dim",
                "d_inner",
                "block_ff_dim"
            ) ?? nestedSize("ffn_hidden_size")
        layout.intermediateSize = dense.flatMap { $0 > 0 ? $0 : nil } ?? 4 * layout.hiddenSize
        let count = configuration.integer(
            "n_routed_experts",
            "num_experts",
            "num_local_experts",
            "moe_num_experts",
            "num_moe_experts",
            "num_routed_experts"
        )
        layout.experts = count ?? nestedSize("moe_num_experts") ?? 0
        guard layout.experts > 0 else { return }
        layout.expertSize =
            configuration.integer(
                "moe_intermediate_size",
                "expert_hidden_size",
                "moe_ffn_hidden_size",
                "intermediate_size"
            )
            ?? configuration.integers("moe_intermediate_size")?.first ?? layout.intermediateSize
        layout.expertsPerToken =
            configuration.integer(
                "num_experts_per_tok",
                "num_experts_per_token",
                "moe_topk",
                "moe_k",
                "top_k_experts",
                "num_selected_experts"
            ) ?? nestedSize("moe_top_k") ?? 1
    }

    /// Whether a layer has experts in place of a dense block.
    func hasExperts(at index: Int) -> Bool {
        guard layout.experts > 0 else { return false }
        if let types = configuration.strings("mlp_layer_types"), index < types.count {
            return types[index] != "dense"
        }
        if let frequency = configuration.integers("moe_layer_freq"), index < frequency.count {
            return frequency[index] != 0
        }
        if let listed = configuration.integers("moe_layers"), !listed.isEmpty {
            return listed.contains(index)
        }
        if let dense = configuration.integers("mlp_only_layers"), dense.contains(index) { return false }
        if let first = configuration.integer(
            "first_k_dense_replace",
            "num_dense_layers",
            "moe_layer_start_index"
        ),
            index < first
        {
            return false
        }
        if let last = configuration.integer("moe_layer_end_index"), index > last { return false }
        // Llama 4 and Qwen count from one; Jamba has an offset; DeepSeek counts from zero.
        if let step = configuration.integer("interleave_moe_layer_step", "decoder_sparse_step"), step > 0 {
            return (index + 1) % step == 0
        }
        if let period = configuration.integer("expert_layer_period"), period > 0 {
            return index % period == configuration.integer("expert_layer_offset") ?? 0
        }
        if let interval = configuration.integer("moe_layer_interval"), interval > 0 {
            return (index + 1) % interval == 0
        }
        if let frequency = configuration.integer("moe_layer_freq"), frequency > 0 {
            return index % frequency == 0
        }
        return true
    }

    /// How many matrices a feed-forward block has: three with a gate, two without.
    private var matrices: Int64 {
        if let activation = configuration.string("mlp_hidden_act"), activation == "relu2" { return 2 }
        let plain = [
            "gpt2", "gpt_bigcode", "gpt_neox", "gptj", "gpt_j", "opt", "bloom", "falcon", "refinedweb", "mpt",
            "phi", "starcoder2",
            "nemotron", "codegen", "persimmon", "whisper", "bert", "roberta", "xlm-roberta", "xglm", "arcee",
            "apertus",
        ]
        let gated = ["phi3", "phi4", "phimoe", "falcon_h1", "falcon3", "nemotron-nas", "falcon_mamba"]
        let isPlain = plain.contains { modelTypeHasPrefix($0) } && !gated.contains { modelTypeHasPrefix($0) }
        return isPlain ? 2 : 3
    }

    private func modelTypeHasPrefix(_ prefix: String) -> Bool { configuration.modelType.hasPrefix(prefix) }

    /// Adds a dense block.
    func addDense(to parameters: inout ComponentAmounts) {
        let width = Int64(layout.intermediateSize)
        parameters[.feedForward] += Int64.product(matrices, Int64(layout.hiddenSize), width)
    }

    /// Adds routed experts, those that see every token, and the router.
    func addExperts(to parameters: inout ComponentAmounts) {
        let hidden = Int64(layout.hiddenSize)
        let experts = Int64(layout.experts)
        let width = Int64(layout.expertSize)
        // Experts may work on a narrower stream, with a projection down and one up (Nemotron 3, Kimi K3).
        let narrow = configuration.integer("moe_latent_size", "routed_expert_hidden_size").map(Int64.init)
        let stream = narrow.flatMap { $0 > 0 ? $0 : nil } ?? hidden
        if stream != hidden { parameters[.feedForward] += 2 * hidden * stream }
        var routed = Int64.product(experts, matrices, stream).multipliedSaturated(by: width)
        // gpt-oss' experts have biases.
        if configuration.isFamily("gpt_oss") {
            routed = routed.addingSaturated(.product(experts, 2 * width + hidden))
        }
        parameters[.experts] = routed
        parameters[.router] = .product(hidden, experts)
        parameters[.sharedExperts] = .product(matrices, hidden, sharedWidth)
    }

    /// The width of all shared experts together.
    private var sharedWidth: Int64 {
        let told = configuration.integer(
            "moe_shared_expert_intermediate_size",
            "shared_expert_intermediate_size",
            "shared_intermediate_size",
            "share_expert_dim"
        )
        if let told { return Int64(told) }
        if configuration.isFamily("llama4") { return Int64(layout.expertSize) }
        let count = configuration.integer(
            "n_shared_experts",
            "num_shared_experts",
            "num_shared_expert",
            "moe_num_shared_experts"
        )
        return .product(Int64(count ?? 0), Int64(layout.expertSize))
    }
}
