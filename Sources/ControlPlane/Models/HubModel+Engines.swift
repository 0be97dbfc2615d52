public import Capacity
public import HuggingFace

extension HubModel {
    /// Libraries whose repositories hold something that no engine here loads as a model: adapters, and weights converted for other
    /// programs.
    private static let otherLibraries: Set<String> = [
        "peft", "adapter-transformers", "mlx", "mlx-lm", "onnx", "onnxruntime-genai", "transformers.js",
        "coreml",
        "coremltools", "openvino", "ctranslate2", "executorch", "litert", "litert-lm", "tflite", "exllamav3",
        "rkllm", "mlc-llm", "web-llm", "keras", "keras-hub", "nemo",
    ]

    /// Whether its weights are GGUF files.
    public var hasGGUF: Bool { library == "gguf" || gguf != nil || tags.contains("gguf") }

    /// The engines that run it, by the classes that its configuration names; empty when no engine is known to.
    ///
    /// A repository of GGUF files alone is for llama.cpp. Of safetensors files llama.cpp would need a conversion.
    public var engines: [InferenceEngine] {
        guard isDisabled != true, library.map({ !Self.otherLibraries.contains($0.lowercased()) }) ?? true
        else {
            return []
        }
        var engines: Set<InferenceEngine> = []
        if !hasGGUF || parameters != nil {
            for architecture in configuration?.architectures ?? [] {
                engines.formUnion(InferenceEngine.running(architecture))
            }
            engines.remove(.llamaCpp)
        }
        // Where the Hub has not read the file's header, the format alone speaks.
        if hasGGUF, gguf?.architecture.map({ InferenceEngine.running($0).contains(.llamaCpp) }) ?? true {
            engines.insert(.llamaCpp)
        }
        return InferenceEngine.allCases.filter(engines.contains)
    }

    /// Its parameters, as the Hub counts them in its files; nil when the Hub has not.
    public var parameterCount: Int64? {
        [parameters?.total, gguf?.parameters].compactMap { $0 }.first { $0 > 0 }
    }

    /// What the usual rule of 16-bit weights gives; nil when the number of parameters is not known.
    public var estimate: BaselineEstimate? {
        parameterCount.map { BaselineEstimate(parameters: $0) }
    }
}
