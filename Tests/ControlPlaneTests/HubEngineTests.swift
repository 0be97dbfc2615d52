import Capacity
import ControlPlane
import JSON
import Testing

@testable import HuggingFace

@Suite("Which engines run a model of the Hub")
struct HubEngineTests {
    private func engines(_ json: JSONValue) throws -> [InferenceEngine] {
        var json = json
        json["id"] = "example/model"
        return try #require(HubModel(json: json)).engines
    }

    private func transformers(_ architecture: String, _ others: JSONValue = [:]) -> JSONValue {
        var json: JSONValue = [
            "library_name": "transformers", "config": ["architectures": [.string(architecture)]],
            "safetensors": ["total": 1000],
        ]
        for member in others.objectValue ?? JSONMembers() { json[member.key] = member.value }
        return json
    }

    @Test("Those that know one of its classes, in their usual order, without llama.cpp")
    func byClass() throws {
        #expect(try engines(transformers("LlamaForCausalLM")) == [.vllm, .sglang, .tensorRTLLM])
        #expect(try engines(transformers("Gemma2ForCausalLM")) == [.vllm, .sglang])
        #expect(
            try engines(["config": ["architectures": ["OddForCausalLM", "Qwen3ForCausalLM"]]]) == [
                .vllm, .sglang, .tensorRTLLM,
            ]
        )
    }

    @Test("None when its class is in no list, and when it names none")
    func unknown() throws {
        #expect(try engines(transformers("OddForCausalLM")).isEmpty)
        #expect(try engines(transformers("")).isEmpty)
        #expect(try engines(["library_name": "transformers"]).isEmpty)
        #expect(try engines(["config": ["architectures": []]]).isEmpty)
    }

    @Test(
        "None when its files are adapters or are made for other programs",
        arguments: ["peft", "MLX", "onnx", "transformers.js", "openvino"]
    )
    func otherLibraries(_ library: String) throws {
        #expect(try engines(transformers("LlamaForCausalLM", ["library_name": .string(library)])).isEmpty)
    }

    @Test("None when the Hub's staff has closed it")
    func disabled() throws {
        #expect(try engines(transformers("LlamaForCausalLM", ["disabled": true])).isEmpty)
    }

    @Test("llama.cpp alone for GGUF files, unless it does not know their architecture")
    func gguf() throws {
        #expect(try engines(["library_name": "gguf"]) == [.llamaCpp])
        #expect(
            try engines(["tags": ["gguf"], "config": ["architectures": ["LlamaForCausalLM"]]]) == [.llamaCpp]
        )
        #expect(try engines(["gguf": ["architecture": "qwen3", "total": 5]]) == [.llamaCpp])
        #expect(try engines(["gguf": ["architecture": "no-such-thing"]]).isEmpty)
    }

    @Test("All of them for a repository with both kinds of files")
    func both() throws {
        let model = transformers("Qwen3ForCausalLM", ["gguf": ["architecture": "qwen3"]])
        #expect(try engines(model) == [.vllm, .sglang, .tensorRTLLM, .llamaCpp])
    }

    @Test("Parameters are those of safetensors files, else those of a GGUF file, else unknown")
    func parameters() throws {
        func count(_ json: JSONValue) -> Int64? { HubModel(json: json)?.parameterCount }
        #expect(count(["id": "a/b", "safetensors": ["total": 7], "gguf": ["total": 5]]) == 7)
        #expect(count(["id": "a/b", "safetensors": ["parameters": ["BF16": 3, "F32": 1]]]) == 4)
        #expect(count(["id": "a/b", "gguf": ["total": 5]]) == 5)
        #expect(count(["id": "a/b-7B", "safetensors": ["total": 0]]) == nil)
    }
}
