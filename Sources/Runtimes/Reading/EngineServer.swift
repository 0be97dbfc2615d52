import Capacity
import JSON
import KubernetesModel

/// An engine's server as a container of somebody else's runs it.
struct EngineServer {
    /// The engine.
    let engine: InferenceEngine
    /// The model: its id on the Hub, or the name of its file or folder; empty when it is not told.
    let modelID: String
    /// What clients call it; empty when it is not told.
    let servedName: String
    /// The GPUs of the container; nil when it asks for none.
    let gpus: Int?

    /// Nil when the container runs none of the engines' servers.
    init?(_ container: JSONValue) {
        let arguments = EngineArguments(container)
        let byImage =
            container["command"] == nil ? Self.engine(image: container["image"]?.stringValue ?? "") : nil
        guard let engine = arguments.engine ?? byImage else { return nil }
        self.engine = engine
        var variables: [String: String] = [:]
        for entry in container["env"]?.arrayValue ?? [] {
            if let name = entry["name"]?.stringValue { variables[name] = entry["value"]?.stringValue }
        }
        /// What a word means that is one variable.
        func resolved(_ word: String?) -> String? {
            guard let word, word.hasPrefix("$") else { return word }
            return variables[String(word.dropFirst().filter { !"(){}".contains($0) })]
        }
        let model: String?
        var name: String?
        switch engine {
        case .vllm:
            model =
                arguments.value("--model") ?? arguments.word(after: "serve")
                ?? (byImage == nil ? nil : arguments.firstWord)
        case .sglang: model = arguments.value("--model-path", "--model")
        case .tensorRTLLM:
            model = arguments.word(after: "serve") ?? arguments.word(after: "trtllm-serve")
        case .llamaCpp:
            let repository =
                resolved(arguments.value("--hf-repo", "-hf", "-hfr")) ?? variables["LLAMA_ARG_HF_REPO"]
            let file = resolved(arguments.value("--model", "-m")) ?? variables["LLAMA_ARG_MODEL"]
            model = repository.map { String($0.prefix { $0 != ":" }) } ?? file
            name = resolved(arguments.value("--alias", "-a")) ?? variables["LLAMA_ARG_ALIAS"]
        }
        let found = resolved(model) ?? ""
        modelID = found.hasPrefix("/") ? found.split(separator: "/").last.map(String.init) ?? "" : found
        servedName =
            name ?? resolved(arguments.value("--served-model-name", "--served_model_name")) ?? found
        gpus = Self.gpus(of: container)
    }

    /// The GPUs that a container asks for.
    static func gpus(of container: JSONValue) -> Int? {
        let resources = container["resources"]
        for amounts in [resources?["limits"], resources?["requests"]] {
            for amount in amounts?.objectValue ?? JSONMembers() where amount.key.hasSuffix("/gpu") {
                let text = amount.value.stringValue ?? amount.value.description
                return Quantity(text).map { Int(clamping: $0.units) }
            }
        }
        return nil
    }

    /// The engine of an image whose program is its server.
    private static func engine(image: String) -> InferenceEngine? {
        let last = image.split(separator: "/").last ?? ""
        let parts = last.prefix { $0 != "@" }.split(separator: ":", maxSplits: 1)
        switch parts.first ?? "" {
        case let name where name.hasPrefix("vllm-openai"): return .vllm
        case "llama.cpp": return parts.count == 2 && parts[1].hasPrefix("server") ? .llamaCpp : nil
        default: return nil
        }
    }

    /// Puts what it is about into a reading.
    func describe(_ reading: inout DeploymentReading) {
        reading.engine = engine
        reading.modelID = modelID
        if !servedName.isEmpty { reading.servedName = servedName }
        reading.gpus = gpus
    }
}

extension EngineArguments {
    /// The engine whose server the program is; nil when it is none of them.
    var engine: InferenceEngine? {
        for (index, word) in words.enumerated() {
            let next = words.indices.contains(index + 1) ? words[index + 1] : ""
            switch word.split(separator: "/").last ?? "" {
            case "llama-server": return .llamaCpp
            case "trtllm-serve": return .tensorRTLLM
            case "vllm" where next == "serve": return .vllm
            case "sglang" where next == "serve": return .sglang
            case "-m" where next.hasPrefix("vllm.entrypoints."): return .vllm
            case "-m" where next == "sglang.launch_server": return .sglang
            default: continue
            }
        }
        return nil
    }

    /// The first word, unless it is an option.
    var firstWord: String? { words.first.flatMap { $0.hasPrefix("-") ? nil : $0 } }
}
