import Capacity
import JSON
import Testing

/// The 162 models whose parameters were counted by building each with Transformers on the meta device.
@Suite("Parameters from configurations")
struct ModelBreakdownTests {
    struct Counted {
        let id: String
        let profile: ModelProfile
        let total: Int64
        let breakdown: JSONValue
        /// Parameters without encoders, of which the list has no configurations.
        var text: Int64 { profile.parameters - profile.parametersByComponent[.towers] }
    }

    static func models() throws -> [Counted] {
        try (DataFile.json("models.json")["models"]?.arrayValue ?? []).compactMap { model in
            guard let total = model["params_total"]?.integerValue, let breakdown = model["params_breakdown"]
            else { return nil }
            var configuration = model["config"] ?? .null
            configuration["architectures"] = model["architectures"]
            configuration["model_type"] = model["model_type"]
            if configuration["head_dim_derived"]?.boolValue == true { configuration["head_dim"] = nil }
            let profile = try ModelProfile(ModelEvidence(configuration: configuration))
            return Counted(
                id: model["id"]?.stringValue ?? "",
                profile: profile,
                total: total,
                breakdown: breakdown
            )
        }
    }

    /// Models of whose configuration the list lacks what their layers depend on: which are dense, how wide a shared expert is.
    static let incomplete: Set<String> = [
        "XiaomiMiMo/MiMo-V2-Flash", "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
        "nvidia/MiniMax-M3-NVFP4",
        "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4",
        "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8", "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4",
        "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-FP8",
        "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4",
        "nvidia/NVIDIA-Nemotron-3.5-Lightning-30B-A3B-NVFP4",
    ]

    @Test("The language model's parameters are within 0.5 % for all 142 whose listed configuration suffices")
    func totals() throws {
        let models = try Self.models()
        #expect(models.count == 153)
        var near = 0
        for model in models where !Self.incomplete.contains(model.id) {
            let text = model.total - (model.breakdown["vision_audio"]?.integerValue ?? 0)
            let error = abs(Double(model.text - text)) / Double(text)
            #expect(error <= 0.005, "\(model.id): \(model.text) for \(text)")
            near += error <= 0.005 ? 1 : 0
        }
        #expect(near == 142)
    }

    @Test("So is each component that weighs in")
    func components() throws {
        let names: [(String, [ParameterComponent])] = [
            ("embed", [.embedding]), ("lm_head", [.languageHead]), ("mlp", [.feedForward]),
            ("experts", [.experts]),
            ("router", [.router]), ("shared_expert", [.sharedExperts]), ("ssm_linear_attn", [.recurrent]),
        ]
        for model in try Self.models() where !Self.incomplete.contains(model.id) {
            for (name, components) in names {
                let counted = model.breakdown[name]?.integerValue ?? 0
                let computed = components.reduce(Int64(0)) { $0 + model.profile.parametersByComponent[$1] }
                #expect(
                    abs(Double(counted - computed)) <= 0.002 * Double(model.total),
                    "\(model.id), \(name): \(computed) for \(counted)"
                )
            }
        }
    }
}
