import Capacity
import ControlPlane
import JSON
import Testing

@Suite("The catalogue")
struct CatalogTests {
    private let models = ModelCatalog.standard.models

    @Test("Every entry of the file is read, under a name of its own")
    func complete() throws {
        #expect(models.count == (try PublishedModel.entriesOfCatalog()))
        #expect(models.count >= 40)
        #expect(Set(models.map(\.id)).count == models.count)
        for model in models {
            #expect(ModelCatalog.standard.model(model.id) == model)
            #expect(!model.name.isEmpty && !model.summary.isEmpty && !model.engines.isEmpty, "\(model.id)")
            #expect(["text-generation", "chat"].contains(model.task), "\(model.id)")
            #expect(model.contextLength > 0 && model.minimumMemoryGB > 0, "\(model.id)")
        }
        #expect(ModelCatalog.standard.model("no/such") == nil)
    }

    @Test("The models that clients of the API know are there, under the names and sizes that they know")
    func known() {
        let known = [
            ("Qwen/Qwen3-0.6B", "Qwen3 0.6B", "0.6B"),
            ("Qwen/Qwen2.5-1.5B-Instruct", "Qwen2.5 1.5B Instruct", "1.5B"),
            ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "DeepSeek R1 Distill 8B", "8B"),
            ("meta-llama/Llama-3.2-1B-Instruct", "Llama 3.2 1B Instruct", "1B"),
            ("meta-llama/Llama-3.2-3B-Instruct", "Llama 3.2 3B Instruct", "3B"),
            ("mistralai/Mistral-7B-Instruct-v0.3", "Mistral 7B Instruct v0.3", "7B"),
            ("microsoft/Phi-3-mini-4k-instruct", "Phi-3 Mini 4K Instruct", "3.8B"),
            ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "TinyLlama 1.1B Chat", "1.1B"),
            ("kaito/llama3.2-1b", "Llama 3.2 1B (GGUF)", "1B"),
            ("kaito/llama3.2-3b", "Llama 3.2 3B (GGUF)", "3B"),
            ("kaito/llama3.1-8b", "Llama 3.1 8B (GGUF)", "8B"),
            ("kaito/llama3.3-70b", "Llama 3.3 70B (GGUF)", "70B"),
            ("kaito/mixtral-8x7b", "Mixtral 8x7B (GGUF)", "8x7B"),
            ("kaito/phi4-14b", "Phi 4 14B (GGUF)", "14B"),
            ("kaito/gemma2-2b", "Gemma 2 2B (GGUF)", "2B"), ("kaito/qwq-32b", "QwQ 32B (GGUF)", "32B"),
            ("kaito/codestral-22b", "Codestral 22B (GGUF)", "22B"),
            ("kaito/gpt-oss-20b", "GPT-OSS 20B (GGUF)", "20B"),
        ]
        #expect(models.prefix(known.count).map(\.id) == known.map(\.0))
        for (id, name, size) in known {
            let model = ModelCatalog.standard.model(id)
            #expect(model?.name == name && model?.size == size, "\(id)")
        }
    }

    @Test("Its figures are those that are published of each model")
    func figures() throws {
        // Clients know these under smaller figures than their configurations have.
        let shorter = ["Qwen/Qwen3-0.6B": 32768, "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": 16384]
        for model in models where model.minimumGPUs > 0 {
            let published = try #require(try PublishedModel.model(model.id), "\(model.id)")
            #expect(model.parameters == published["params_total"]?.integerValue, "\(model.id)")
            #expect(model.architecture == published["architectures"]?[0]?.stringValue, "\(model.id)")
            let context = try #require(published["config"]?["max_position_embeddings"]?.integerValue)
            #expect(Int64(model.contextLength) <= context, "\(model.id)")
            #expect(model.contextLength == shorter[model.id] ?? Int(context), "\(model.id)")
            if let isGated = published["gated"]?.boolValue {
                #expect(model.isGated == isGated, "\(model.id)")
            }
            let method = published["quantization_config"]?["quant_method"]?.stringValue
            #expect((method != nil) == (model.quantization != nil), "\(model.id): \(method ?? "none")")
        }
    }

    @Test("The figures of its GGUF files are those of the models that they were made of")
    func ggufFigures() throws {
        for model in models where model.minimumGPUs == 0 {
            let profile = try #require(try PublishedModel.ggufProfile(model), "\(model.id)")
            #expect(model.parameters == profile.parameters, "\(model.id): \(profile.parameters)")
            #expect(Int64(model.contextLength) == profile.contextLength.map(Int64.init), "\(model.id)")
            #expect(model.engines == [.llamaCpp], "\(model.id)")
        }
    }

    @Test("Each engine that is named for a model runs its architecture")
    func engines() {
        for model in models {
            let running = InferenceEngine.running(model.architecture)
            for engine in model.engines { #expect(running.contains(engine), "\(model.id), \(engine)") }
        }
    }

    @Test("The memory that is named is the least with which the fit of the model is sure")
    func leastMemory() throws {
        for model in models {
            let profile = try #require(
                try model.minimumGPUs == 0
                    ? PublishedModel.ggufProfile(model) : PublishedModel.profile(model.id)
            )
            let least = try #require(PublishedModel.leastMemory(profile, model), "\(model.id)")
            #expect(
                model.minimumMemoryGB == least.gpus * least.gigabytes
                    && max(1, model.minimumGPUs) == least.gpus,
                "\(model.id): \(least.gpus) GPUs with \(least.gpus * least.gigabytes) GB in all"
            )
        }
    }

    @Test("The usual rule is told of each model as it is, whatever the width of the weights")
    func estimates() throws {
        #expect(ModelCatalog.standard.model("Qwen/Qwen3-0.6B")?.estimate?.text == "1.4GB")
        let quantized = try #require(ModelCatalog.standard.model("openai/gpt-oss-20b"))
        #expect(quantized.quantization == "mxfp4" && quantized.estimate?.text == "50.2GB")
        for model in models { #expect(model.estimate != nil, "\(model.id)") }
    }
}

@Suite("Filters of models")
struct ModelFilterTests {
    @Test("All words must be in the names, in any order and case")
    func words() {
        let names = ["Qwen/Qwen3-0.6B", "Qwen3 0.6B"]
        for text in ["", "  ", "qwen", "0.6b QWEN3", "/qwen3-"] {
            #expect(ModelFilter(text).accepts(names: names, engines: []), "\(text)")
        }
        for text in ["llama", "qwen llama", "qwen3-0.6B-Base"] {
            #expect(!ModelFilter(text).accepts(names: names, engines: []), "\(text)")
        }
    }

    @Test("The engine must be among those that run the model")
    func engine() {
        let filter = ModelFilter(engine: .sglang)
        #expect(filter.accepts(names: ["a"], engines: [.vllm, .sglang]))
        #expect(!filter.accepts(names: ["a"], engines: [.vllm]))
        #expect(!filter.accepts(names: ["a"], engines: []))
    }
}
