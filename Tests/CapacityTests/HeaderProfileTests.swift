import Capacity
import JSON
import Testing

/// Tensors under the names of Transformers' classes, in the shapes that a configuration gives them.
@Suite("Profiles by the tensors of a checkpoint")
struct HeaderProfileTests {
    private static func tensor(_ name: String, _ dtype: String, _ shape: Int64...) -> SafetensorsTensor {
        SafetensorsTensor(name: name, dtype: dtype, shape: shape)
    }

    /// Multi-head latent attention without a low rank for the query, a dense layer, then experts (DeepSeek-V2-Lite's classes).
    private static let latent: (configuration: JSONValue, tensors: [SafetensorsTensor]) = {
        let configuration: JSONValue = [
            "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2", "hidden_size": 512,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": 1024,
            "intermediate_size": 1024, "moe_intermediate_size": 256, "n_routed_experts": 8,
            "n_shared_experts": 2,
            "num_experts_per_tok": 2, "first_k_dense_replace": 1, "moe_layer_freq": 1, "kv_lora_rank": 128,
            "q_lora_rank": .null, "qk_nope_head_dim": 64, "qk_rope_head_dim": 32, "v_head_dim": 64,
            "max_position_embeddings": 4096, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        ]
        var tensors = [
            tensor("model.embed_tokens.weight", "BF16", 1024, 512),
            tensor("lm_head.weight", "BF16", 1024, 512),
            tensor("model.norm.weight", "BF16", 512),
        ]
        for layer in 0..<2 {
            let name = "model.layers.\(layer)"
            tensors += [
                tensor("\(name).self_attn.q_proj.weight", "BF16", 4 * 96, 512),
                tensor("\(name).self_attn.kv_a_proj_with_mqa.weight", "BF16", 128 + 32, 512),
                tensor("\(name).self_attn.kv_a_layernorm.weight", "BF16", 128),
                tensor("\(name).self_attn.kv_b_proj.weight", "BF16", 4 * 128, 128),
                tensor("\(name).self_attn.o_proj.weight", "BF16", 512, 4 * 64),
                tensor("\(name).input_layernorm.weight", "BF16", 512),
                tensor("\(name).post_attention_layernorm.weight", "BF16", 512),
            ]
        }
        func block(_ name: String, _ width: Int64) -> [SafetensorsTensor] {
            [
                tensor("\(name).gate_proj.weight", "BF16", width, 512),
                tensor("\(name).up_proj.weight", "BF16", width, 512),
                tensor("\(name).down_proj.weight", "BF16", 512, width),
            ]
        }
        tensors += block("model.layers.0.mlp", 1024)
        tensors.append(tensor("model.layers.1.mlp.gate.weight", "BF16", 8, 512))
        for expert in 0..<8 { tensors += block("model.layers.1.mlp.experts.\(expert)", 256) }
        tensors += block("model.layers.1.mlp.shared_experts", 512)
        return (configuration, tensors)
    }()

    @Test("The bytes are those of the tensors, each counted once, whatever the layout calls them")
    func latentAttention() throws {
        let (configuration, tensors) = Self.latent
        let computed = try ModelProfile(ModelEvidence(configuration: configuration))
        let bytes = tensors.reduce(0) { $0 + $1.elements * 2 }
        #expect(abs(computed.weightBytes - bytes) * 1000 < bytes, "\(computed.weightBytes), \(bytes)")
        let read = try ModelProfile(ModelEvidence(configuration: configuration, tensors: tensors))
        #expect(read.evidence == .exactWeights)
        #expect(abs(read.weightBytes - bytes) * 1000 < bytes, "\(read.weightBytes), \(bytes)")
    }

    @Test("Weights that are trusted less have wider ends")
    func weakened() throws {
        let evidence = ModelEvidence(configuration: Self.latent.configuration, tensors: Self.latent.tensors)
        let exact = try ModelProfile(evidence)
        let weak = exact.weakened(to: .configuration, because: "nobody could read the headers")
        #expect(weak.assumptions.last == "nobody could read the headers")
        let request = FitFixture.request("L4", context: 1024)
        let (first, second) = (Fit.evaluate(exact, request), Fit.evaluate(weak, request))
        #expect((first.confidence, second.confidence) == (.exactWeights, .configuration))
        let sharp = try #require(first.best?.budget)
        let wide = try #require(second.best?.budget)
        #expect(wide.cache == sharp.cache)
        #expect(wide.lowCache < sharp.lowCache && wide.highCache > sharp.highCache)
        // What is known worse already does not become better.
        let count = try ModelProfile(ModelEvidence(parameterCount: 1 << 30))
        #expect(count.weakened(to: .configuration, because: "").evidence == .parameterCount)
    }
}
