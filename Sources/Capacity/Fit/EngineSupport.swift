internal import JSON

/// Whether an engine runs an architecture.
public enum EngineSupport: Sendable, Hashable {
    /// It does.
    case supported
    /// It did up to that version.
    case removed(lastVersion: EngineVersion)
    /// It does not.
    case unsupported
    /// Nobody knows: the architecture is in no list, and the engine may run what is in none.
    case unknown
}

extension InferenceEngine {
    /// Whether a version of the engine runs an architecture.
    ///
    /// The lists are those of vLLM 0.33.0, SGLang 0.5.23, TensorRT-LLM's documentation and llama.cpp's converter. vLLM and
    /// SGLang fall back on Transformers for classes that they do not know, so for these a missing name is no refusal.
    ///
    /// - Parameter architecture: the class of `config.json`, or GGUF's `general.architecture`.
    public func support(of architecture: String, version: EngineVersion) -> EngineSupport {
        guard !architecture.isEmpty else { return .unknown }
        let table = SupportTable.shared
        switch self {
        case .vllm:
            if let last = table.lastVersions[architecture] {
                return version <= last ? .supported : .removed(lastVersion: last)
            }
            if table.vllm.contains(architecture) { return .supported }
            return table.ggufNames.contains(SupportTable.key(architecture)) ? .supported : .unknown
        case .sglang: return table.sglang.contains(architecture) ? .supported : .unknown
        case .tensorRTLLM: return table.tensorRT.contains(architecture) ? .supported : .unsupported
        case .llamaCpp:
            let isKnown =
                table.llamaCpp.contains(architecture)
                || table.ggufNames.contains(SupportTable.key(architecture))
            return isKnown ? .supported : .unsupported
        }
    }

    /// The engines that run an architecture in the versions whose lists are known.
    public static func running(_ architecture: String) -> [InferenceEngine] {
        allCases.filter { $0.support(of: architecture, version: $0.referenceVersion) == .supported }
    }
}

private struct SupportTable: Sendable {
    let vllm: Set<String>
    let lastVersions: [String: EngineVersion]
    let sglang: Set<String>
    let tensorRT: Set<String>
    let llamaCpp: Set<String>
    /// GGUF's names of architectures, without signs.
    let ggufNames: Set<String>

    static let shared = SupportTable(EmbeddedData.engineArchitectures())

    static func key(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    private init(_ json: JSONValue) {
        func names(_ engine: String, _ lists: [String]) -> Set<String> {
            Set(lists.flatMap { json[engine]?[$0]?.arrayValue?.compactMap(\.stringValue) ?? [] })
        }
        vllm = names(
            "vllm",
            [
                "text_generation_models", "multimodal_models", "embedding_models", "late_interaction_models",
                "reward_models",
                "token_classification_models", "sequence_classification_models",
                "transformers_supported_models",
                "transformers_backend_models", "oot_supported_models",
            ]
        )
        var lastVersions: [String: EngineVersion] = [:]
        for member in json["vllm"]?["last_version_supporting"]?.objectValue ?? JSONMembers() {
            lastVersions[member.key] = member.value.stringValue.flatMap { EngineVersion(parsing: $0) }
        }
        self.lastVersions = lastVersions
        sglang = names("sglang", ["architectures"])
        tensorRT = names("tensorrt_llm", ["pytorch_backend", "autodeploy_backend", "multimodal"])
        let converted = json["llama_cpp"]?["architectures"]?.objectValue ?? JSONMembers()
        llamaCpp = Set(converted.keys)
        let gguf = converted.flatMap { $0.value.arrayValue?.compactMap(\.stringValue) ?? [] }
        ggufNames = Set(gguf.filter { $0 != "MMPROJ" }.map(Self.key))
    }
}
