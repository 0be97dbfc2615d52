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

    @Test("print")
    func printAll() throws {
        var near = 0
        for model in try Self.models() {
            // The list has no configurations of encoders.
            let towers = model.breakdown["vision_audio"]?.integerValue ?? 0
            let text = model.total - towers
            let error =
                Double(model.profile.parameters - model.profile.parametersByComponent[.towers] - text)
                / Double(text)
            if abs(error) <= 0.005 {
                near += 1
            } else {
                print(model.id, error * 100)
                for c in ParameterComponent.allCases where model.profile.parametersByComponent[c] > 0 {
                    print("   ", c, model.profile.parametersByComponent[c])
                }
                print("   ", model.breakdown)
            }
        }
        print("near", near, try Self.models().count)
    }
}
