import Capacity
import JSON
import Testing

@testable import ControlPlane
@testable import HuggingFace

@Suite("When headers of safetensors files are called for")
struct HeaderNeedTests {
    private static let configuration: JSONValue = [
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 256,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1024,
        "intermediate_size": 512, "max_position_embeddings": 4096, "tie_word_embeddings": false,
    ]

    private func reason(
        _ counts: [String: Int64],
        _ files: [(String, Int64)],
        isQuantized: Bool = false
    ) throws -> String? {
        let files = files.map { Capacity.RepositoryFile(path: $0.0, bytes: $0.1) }
        let evidence = ModelEvidence(
            configuration: Self.configuration,
            elementsByDtype: counts,
            files: files
        )
        let sets = WeightSet.sets(in: files)
        return HeaderNeed.reason(
            try ModelProfile(evidence),
            evidence,
            isQuantized: isQuantized,
            set: try #require(sets.first),
            sets: sets
        )
    }

    /// What the configuration gives.
    private func parameters() throws -> Int64 {
        try ModelProfile(ModelEvidence(configuration: Self.configuration)).parameters
    }

    @Test("Not where configuration, counts and the files' sizes agree")
    func agreement() throws {
        let count = try parameters()
        let file = ("model.safetensors", 2 * count + 4096)
        #expect(try reason(["BF16": count], [file]) == nil)
        #expect(try reason(["BF16": count - 100, "F32": 100], [file]) == nil)
        #expect(try reason(["BF16": count], [file, ("original/model.safetensors", 2 * count)]) == nil)
        #expect(try reason(["F32": count], [("model.safetensors", 4 * count)]) == nil)
    }

    @Test("Where something is left open, with what it is")
    func doubt() throws {
        let count = try parameters()
        let file = ("model.safetensors", 2 * count)
        let reasons = [
            try reason(["BF16": count], [file], isQuantized: true), try reason([:], [file]),
            try reason(["BF16": count * 2], [file]),
            try reason(["BF16": count / 2, "F32": count / 2], [file]),
            try reason(["F8_E4M3": count], [("model.safetensors", count)]),
            try reason(["BF16": count], [file, ("consolidated.safetensors", 2 * count)]),
            try reason(["BF16": count], [("model.safetensors", 4 * count)]),
        ]
        #expect(reasons.allSatisfy { $0 != nil })
        #expect(Set(reasons.compactMap(\.self)).count == reasons.count, "\(reasons)")
    }

    @Test(
        "Tensors of a layer that differ only in the expert's number are told together, with all their elements"
    )
    func merged() throws {
        func header(_ layer: Int) -> SafetensorsHeader {
            let experts = (0..<4).map { expert in
                SafetensorsHeader.Tensor(
                    name: "model.layers.\(layer).mlp.experts.\(expert).up_proj.weight",
                    type: "BF16",
                    shape: [8, 4],
                    byteCount: 64
                )
            }
            let scales = (0..<4).map { expert in
                SafetensorsHeader.Tensor(
                    name: "model.layers.\(layer).mlp.experts.\(expert).up_proj.input_scale",
                    type: "F32",
                    shape: [],
                    byteCount: 4
                )
            }
            return SafetensorsHeader(tensors: experts + scales, byteCount: 1)
        }
        let tensors = SafetensorsTensor.merged([header(0), header(17)])
        #expect(
            Set(tensors.map(\.name)) == [
                "model.layers.0.mlp.experts.0.up_proj.weight", "model.layers.17.mlp.experts.0.up_proj.weight",
                "model.layers.0.mlp.experts.0.up_proj.input_scale",
                "model.layers.17.mlp.experts.0.up_proj.input_scale",
            ]
        )
        #expect(Set(tensors.map(\.shape)) == [[32, 4], [4]])
    }
}
