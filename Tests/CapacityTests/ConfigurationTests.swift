import Capacity
import JSON
import Testing

/// Configurations as they are on the Hub, of families with layouts of their own.
@Suite("Configurations of the Hub")
struct ConfigurationTests {
    static func profile(_ id: String) throws -> ModelProfile {
        let entry = try #require(try DataFile.json("configurations.json")[id], "\(id)")
        return try ModelProfile(ModelEvidence(configuration: entry["config"], quantization: entry["quant"]))
    }

    @Test(
        "Parameters, encoders included, are within 0.5 % of those of the built model",
        arguments: [
            "XiaomiMiMo/MiMo-V2-Flash", "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
            "nvidia/MiniMax-M3-NVFP4",
            "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8",
            "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", "moonshotai/Kimi-K2.5",
            "Qwen/Qwen3-VL-8B-Instruct",
            "Qwen/Qwen3.5-27B", "nvidia/Gemma-4-26B-A4B-NVFP4", "deepseek-ai/DeepSeek-V4-Flash",
            "zai-org/GLM-5.2",
            "Qwen/Qwen3-VL-30B-A3B-Instruct",
        ]
    )
    func totals(id: String) throws {
        let models = try DataFile.json("models.json")["models"]?.arrayValue ?? []
        let total = try #require(models.first { $0["id"]?.stringValue == id }?["params_total"]?.integerValue)
        let profile = try Self.profile(id)
        #expect(
            abs(Double(profile.parameters - total)) <= 0.005 * Double(total),
            "\(profile.parameters) for \(total)"
        )
    }

    @Test("A network that was searched for has its layers' own heads and widths: 49.87 billion parameters")
    func searched() throws {
        let profile = try Self.profile("nvidia/Llama-3_3-Nemotron-Super-49B-v1")
        #expect(profile.parameters == 49_867_145_216 || abs(profile.parameters - 49_867_145_216) < 1_000_000)
        #expect(profile.keyValueHeads == 8)
    }

    @Test(
        "An encoder's parameters are within 0.1 % of the built one's",
        arguments: [
            ("Qwen/Qwen3-VL-8B-Instruct", 576_388_336), ("Qwen/Qwen3.5-27B", 460_730_096),
            ("Qwen/Qwen3-VL-30B-A3B-Instruct", 538_631_408), ("nvidia/Gemma-4-26B-A4B-NVFP4", 572_792_112),
        ]
    )
    func towers(id: String, count: Int64) throws {
        let towers = try Self.profile(id).parametersByComponent[.towers]
        #expect(abs(Double(towers - count)) <= 0.001 * Double(count), "\(towers)")
    }

    @Test("Lists of what stays 16-bit are followed: names, globs, regular expressions, per layer")
    func kept() throws {
        // Gemma-4's dense blocks and attention stay, its experts do not.
        let gemma = try Self.profile("nvidia/Gemma-4-26B-A4B-NVFP4")
        #expect(gemma.bytesByComponent[.feedForward] == 2 * gemma.parametersByComponent[.feedForward])
        #expect(gemma.bytesByComponent[.experts] * 16 == gemma.parametersByComponent[.experts] * 9)
        // Kimi's experts only, by expressions.
        let kimi = try Self.profile("moonshotai/Kimi-K2.5")
        #expect(kimi.bytesByComponent[.sharedExperts] == 2 * kimi.parametersByComponent[.sharedExperts])
        #expect(kimi.bytesByComponent[.latentSharded] == 2 * kimi.parametersByComponent[.latentSharded])
        #expect(kimi.bytesByComponent[.experts] * 16 == kimi.parametersByComponent[.experts] * 9)
        #expect(kimi.bytesByComponent[.feedForward] == 2 * kimi.parametersByComponent[.feedForward])
        // Routers by name, everything else quantised, though the list does not name the embedding.
        let qwen = try Self.profile("nvidia/Qwen3-235B-A22B-NVFP4")
        #expect(qwen.bytesByComponent[.router] == 2 * qwen.parametersByComponent[.router])
        #expect(qwen.bytesByComponent[.embedding] == 2 * qwen.parametersByComponent[.embedding])
        #expect(qwen.quantization?.keyValueDtype == "fp8")
    }

    @Test("DeepSeek-V4's experts have 4 bits beside a rest of 8")
    func narrowExperts() throws {
        let profile = try Self.profile("deepseek-ai/DeepSeek-V4-Flash")
        #expect(profile.bytesByComponent[.experts] * 32 == profile.parametersByComponent[.experts] * 17)
        #expect(abs(profile.weightBytes.gibibytes - 145) < 1)
    }

    @Test("Python's infinities are read as null")
    func infinities() throws {
        let text = #"{"time_step_limit": [0.0, Infinity, -Infinity], "note": "Infinity \" NaN", "x": NaN}"#
        let value = try ModelEvidence.document(Array(text.utf8))
        #expect(value["time_step_limit"]?[1]?.isNull == true)
        #expect(value["time_step_limit"]?[2]?.isNull == true)
        #expect(value["note"]?.stringValue == "Infinity \" NaN")
        #expect(throws: JSONParseError.self) { try ModelEvidence.document(Array("{Infinity".utf8)) }
    }

    @Test("Absurd configurations give no profile of layers, or one of bounded size; none traps")
    func hostile() throws {
        let sizes: [JSONValue] = [
            0, -1, 1, .integer(.max), .integer(.min), 1e300, "8", true, .null, [1], [:],
        ]
        let keys = [
            "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size",
            "intermediate_size",
            "head_dim", "num_experts", "moe_intermediate_size", "kv_lora_rank", "sliding_window",
            "layer_types",
            "full_attention_interval", "attn_layer_period", "moe_layer_freq", "linear_num_key_heads",
            "block_configs",
            "quantization_config", "hybrid_override_pattern", "compress_ratios", "vision_config",
            "max_position_embeddings",
            "cross_attention_layers", "decoder_sparse_step", "n_groups", "ssm_state_size", "mamba_num_heads",
            "q_lora_rank",
        ]
        for key in keys {
            for size in sizes {
                let configuration = FitFixture.configuration([key: size])
                let profile = try ModelProfile(ModelEvidence(configuration: configuration))
                #expect(profile.layers.count <= 2048)
                _ = Fit.evaluate(profile, FitFixture.request("H100", count: 8))
                var hybrid = FitFixture.configuration([key: size])
                hybrid["model_type"] = "nemotron_h"
                if key != "hybrid_override_pattern" { hybrid["hybrid_override_pattern"] = "M-M*E" }
                _ = Fit.evaluate(
                    try ModelProfile(ModelEvidence(configuration: hybrid)),
                    FitFixture.request("H100", count: 8)
                )
            }
        }
        #expect(throws: ModelProfileFailure.notAnObject) {
            try ModelProfile(ModelEvidence(configuration: []))
        }
        #expect(throws: ModelProfileFailure.noEvidence) { try ModelProfile(ModelEvidence()) }
    }

    @Test("A regular expression that would keep a backtracking matcher busy for years is done at once")
    func catastrophicExpression() throws {
        let configuration = FitFixture.configuration([
            "quantization_config": [
                "quant_method": "compressed-tensors", "format": "float-quantized",
                "ignore": [
                    "re:(a*)*(.*)*(.*.*)*(((l|a|y|e|r|s|.)*)*)*b$", "re:(((((", "re:[", "re:*", "re:\\",
                ],
            ]
        ])
        let profile = try ModelProfile(ModelEvidence(configuration: configuration))
        #expect(profile.bytesByComponent[.feedForward] == profile.parametersByComponent[.feedForward])
    }
}
