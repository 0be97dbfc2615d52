/// A program that serves models.
public enum InferenceEngine: String, Sendable, Hashable, CaseIterable {
    /// vLLM.
    case vllm
    /// SGLang.
    case sglang
    /// TensorRT-LLM.
    case tensorRTLLM = "trtllm"
    /// llama.cpp.
    case llamaCpp = "llamacpp"

    /// Reads a name in any of its spellings; nil for a name that is none.
    public init?(parsing name: some StringProtocol) {
        switch name.lowercased().filter({ $0.isLetter }) {
        case "vllm": self = .vllm
        case "sglang": self = .sglang
        case "trtllm", "tensorrtllm", "tensorrt", "trt": self = .tensorRTLLM
        case "llamacpp", "llama", "ggml": self = .llamaCpp
        default: return nil
        }
    }

    /// The version that is meant where none is told: the one whose code the figures were taken from.
    public var referenceVersion: EngineVersion {
        switch self {
        case .vllm: EngineVersion(0, 33)
        case .sglang: EngineVersion(0, 5, 23)
        case .tensorRTLLM: EngineVersion(1, 0)
        case .llamaCpp: EngineVersion(0, 0)
        }
    }
}
