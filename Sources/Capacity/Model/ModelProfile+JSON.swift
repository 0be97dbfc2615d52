public import JSON

extension ModelProfile {
    /// What the profile says, for an answer or a table.
    public var json: JSONValue {
        var parameters: JSONValue = [
            "total": .integer(self.parameters), "active": .integer(activeParameters),
        ]
        var bytes: JSONValue = ["total": .integer(weightBytes)]
        for component in ParameterComponent.allCases where parametersByComponent[component] > 0 {
            parameters[component.name] = .integer(parametersByComponent[component])
            bytes[component.name] = .integer(bytesByComponent[component])
        }
        var attention: [String] = []
        for kind in mixerKinds where !attention.contains(kind.name) { attention.append(kind.name) }
        return [
            "architecture": .string(architecture),
            "family": .string(family),
            "role": .string(role.rawValue),
            "evidence": .string(evidence.rawValue),
            "parameters": parameters,
            "weight_bytes": bytes,
            "layers": .integer(Int64(layers.count)),
            "hidden_size": .integer(Int64(hiddenSize)),
            "vocabulary_size": .integer(Int64(vocabularySize)),
            "attention_heads": .integer(Int64(attentionHeads)),
            "kv_heads": .integer(Int64(keyValueHeads)),
            "attention": .array(attention.map(JSONValue.string)),
            "experts": .integer(Int64(experts)),
            "experts_per_token": .integer(Int64(expertsPerToken)),
            "context_length": contextLength.map { .integer(Int64($0)) } ?? .null,
            "tied_embeddings": .bool(tiesEmbeddings),
            "multimodal": .bool(isMultimodal),
            "dtype": dtype.map(JSONValue.string) ?? .null,
            "quantization": (ggufFormat ?? quantization?.format.name ?? unknownQuantization).map(
                JSONValue.string
            ) ?? .null,
            "assumptions": .array(assumptions.map(JSONValue.string)),
        ]
    }
}

extension TokenMixer {
    /// The kind as the field calls it: `mha`, `gqa`, `mqa`, `mla`, …
    public var name: String {
        switch self {
        case .heads(let attention):
            let kind =
                attention.keyValueHeads == 1 && attention.heads > 1
                ? "mqa" : attention.keyValueHeads < attention.heads ? "gqa" : "mha"
            return switch attention.span {
            case .all: kind
            case .window: "\(kind)-sliding"
            case .chunk: "\(kind)-chunked"
            }
        case .latent(let attention): return attention.indexerSize > 0 ? "dsa" : "mla"
        case .compressed: return "compressed"
        case .recurrent: return "recurrent"
        case .parallel: return "hybrid"
        case .none: return "none"
        }
    }
}
