/// What the matrices of a component are called in checkpoints, behind `layers.<index>.`; one list for each way of naming.
enum ModuleNames {
    /// The names of a component's matrices; empty for what is never quantised by a list.
    static func alternatives(of component: ParameterComponent, family: String) -> [[String]] {
        switch component {
        // Gemma-4's experts stand beside its dense block, which is `mlp`.
        case .experts where family.hasPrefix("gemma4"):
            [
                ["experts.gate_up_proj", "experts.down_proj"],
                ["moe.experts.0.gate_proj", "moe.experts.0.down_proj"],
            ]
        case .attentionQueryOutput:
            [
                ["self_attn.q_proj", "self_attn.o_proj"], ["attn.wo_a", "attn.wo_b"],
                ["mixer.q_proj", "mixer.o_proj"],
                ["attention.wq", "attention.wo"],
            ]
        case .attentionKeyValue:
            [
                ["self_attn.k_proj", "self_attn.v_proj"], ["attn.wkv"], ["mixer.k_proj", "mixer.v_proj"],
                ["attention.wk", "attention.wv"],
            ]
        case .latentReplicated:
            [["self_attn.q_a_proj", "self_attn.kv_a_proj_with_mqa"], ["attn.wq_a", "attn.wkv"]]
        case .latentSharded: [["self_attn.q_b_proj", "self_attn.kv_b_proj"], ["attn.wq_b"]]
        case .feedForward:
            [
                ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"], ["ffn.w1", "ffn.w2", "ffn.w3"],
                ["mixer.up_proj", "mixer.down_proj"],
                ["feed_forward.gate_proj", "feed_forward.up_proj", "feed_forward.down_proj"],
            ]
        case .experts:
            [
                ["mlp.experts.0.gate_proj", "mlp.experts.0.up_proj", "mlp.experts.0.down_proj"],
                [
                    "block_sparse_moe.experts.0.w1", "block_sparse_moe.experts.0.w2",
                    "block_sparse_moe.experts.0.w3",
                ],
                ["ffn.experts.0.w1", "ffn.experts.0.w2", "ffn.experts.0.w3"],
                ["mixer.experts.0.up_proj", "mixer.experts.0.down_proj"],
                ["feed_forward.experts.gate_up_proj", "feed_forward.experts.down_proj"],
                ["experts.gate_up_proj", "experts.down_proj"],
            ]
        case .sharedExperts:
            [
                [
                    "mlp.shared_experts.gate_proj", "mlp.shared_experts.up_proj",
                    "mlp.shared_experts.down_proj",
                ],
                ["mlp.shared_expert.gate_proj", "mlp.shared_expert.up_proj", "mlp.shared_expert.down_proj"],
                ["ffn.shared_experts.w1", "ffn.shared_experts.w2", "ffn.shared_experts.w3"],
                ["mixer.shared_experts.up_proj", "mixer.shared_experts.down_proj"],
                ["block_sparse_moe.shared_experts.gate_proj", "block_sparse_moe.shared_experts.down_proj"],
                ["feed_forward.shared_expert.gate_proj", "feed_forward.shared_expert.down_proj"],
            ]
        case .recurrent:
            [
                ["linear_attn.in_proj_qkvz", "linear_attn.out_proj"],
                ["linear_attn.in_proj_qkv", "linear_attn.in_proj_z", "linear_attn.out_proj"],
                ["mixer.in_proj", "mixer.out_proj"], ["mamba.in_proj", "mamba.out_proj"],
            ]
        case .languageHead: [["lm_head"], ["head"], ["output"]]
        case .embedding, .router, .norms, .towers, .perLayerEmbedding, .other: []
        }
    }

    /// A name or a pattern without what stands before `layers.`, which differs between the wrappers of multimodal models.
    static func withoutWrapper(_ name: String) -> String {
        var rest = Substring(name)
        while let dot = rest.firstIndex(of: ".") {
            let head = rest[..<dot]
            guard
                ["model", "language_model", "backbone", "transformer", "text_model", "thinker", "*"].contains(
                    head
                )
            else { break }
            let tail = rest[rest.index(after: dot)...]
            if head == "*", !tail.hasPrefix("layers.") { break }
            rest = tail
        }
        return String(rest)
    }
}
