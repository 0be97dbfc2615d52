import Capacity

/// The images of engines' own servers.
enum EngineImages {
    /// What a version of the renderer takes where none is named: releases, never a tag that moves.
    static func server(_ engine: InferenceEngine, usesGPU: Bool, version: Int) -> String {
        switch engine {
        case .vllm: "vllm/vllm-openai:v0.33.0"
        case .sglang: "lmsysorg/sglang:v0.5.23"
        case .tensorRTLLM: "nvcr.io/nvidia/tensorrt-llm/release:1.2.1"
        case .llamaCpp:
            usesGPU
                ? "ghcr.io/ggml-org/llama.cpp:server-cuda-b10920" : "ghcr.io/ggml-org/llama.cpp:server-b10920"
        }
    }
}
