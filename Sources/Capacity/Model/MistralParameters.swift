internal import JSON

/// Mistral's own `params.json`, in the words of a `config.json`.
enum MistralParameters {
    private static let names = [
        ("dim", "hidden_size"), ("n_layers", "num_hidden_layers"), ("n_heads", "num_attention_heads"),
        ("n_kv_heads", "num_key_value_heads"), ("head_dim", "head_dim"), ("hidden_dim", "intermediate_size"),
        ("vocab_size", "vocab_size"), ("tied_embeddings", "tie_word_embeddings"),
        ("sliding_window", "sliding_window"),
        ("max_position_embeddings", "max_position_embeddings"), ("max_seq_len", "max_position_embeddings"),
        ("model_max_length", "max_position_embeddings"), ("q_lora_rank", "q_lora_rank"),
        ("kv_lora_rank", "kv_lora_rank"),
        ("qk_rope_head_dim", "qk_rope_head_dim"), ("qk_nope_head_dim", "qk_nope_head_dim"),
        ("v_head_dim", "v_head_dim"),
        ("quantization", "quantization_config"),
    ]
    private static let experts = [
        ("num_experts", "num_local_experts"), ("num_experts_per_tok", "num_experts_per_tok"),
        ("expert_hidden_dim", "moe_intermediate_size"), ("num_shared_experts", "n_shared_experts"),
        ("first_k_dense_replace", "first_k_dense_replace"),
    ]

    /// The same as a configuration.
    static func configuration(_ parameters: JSONValue) -> JSONValue {
        var result: JSONValue = ["tie_word_embeddings": false]
        let inner = parameters["text_config"] ?? parameters["language_config"] ?? parameters
        for (own, usual) in names {
            guard let value = inner[own] ?? parameters[own], !value.isNull,
                result[usual] == nil || own != "max_seq_len"
            else {
                continue
            }
            result[usual] = value
        }
        var isMixture = false
        for (own, usual) in experts {
            guard let value = (inner["moe"] ?? parameters["moe"])?[own], !value.isNull else { continue }
            result[usual] = value
            isMixture = true
        }
        let isLatent = result["kv_lora_rank"] != nil
        result["model_type"] = isMixture ? (isLatent ? "deepseek_v3" : "mixtral") : "mistral"
        var architecture =
            isLatent ? "MistralLarge3ForCausalLM" : isMixture ? "MixtralForCausalLM" : "MistralForCausalLM"
        if var vision = parameters["vision_encoder"] ?? parameters["multimodal"]?["vision_encoder_args"],
            !vision.isNull
        {
            vision["model_type"] = "pixtral"
            result["vision_config"] = vision
            architecture = "PixtralForConditionalGeneration"
        }
        if let audio = parameters["multimodal"]?["whisper_model_args"]?["encoder_args"] {
            result["audio_config"] = [
                "d_model": audio["dim"] ?? .null, "encoder_layers": audio["n_layers"] ?? .null,
                "encoder_ffn_dim": audio["hidden_dim"] ?? .null,
            ]
            architecture = "VoxtralForConditionalGeneration"
        }
        result["architectures"] = [.string(architecture)]
        return result
    }
}
