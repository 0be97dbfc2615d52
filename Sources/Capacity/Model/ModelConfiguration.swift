internal import JSON

/// The `config.json` of a model on the Hub, read through the names that its families give the same thing.
///
/// Multimodal configurations nest the language model: `text_config`, `llm_config`, `language_config`, `thinker_config`. What
/// is nested counts before what stands beside it.
struct ModelConfiguration {
    /// The object as it is in the file.
    let root: JSONValue
    /// The language model's own object.
    let text: JSONValue
    /// The class that the file names, or an empty string.
    let architecture: String
    /// The family as the file names it, of the language model where it has its own, in lower case.
    let modelType: String

    init(_ root: JSONValue) {
        self.root = root
        var text = root
        // Omni models nest twice.
        for _ in 0..<3 {
            let names = [
                "thinker_config", "text_config", "llm_config", "language_config", "language_model_config",
            ]
            guard
                let inner = names.lazy.compactMap({ text[$0] }).first(where: {
                    $0.objectValue?.isEmpty == false
                })
            else {
                break
            }
            text = inner
        }
        self.text = text
        architecture = root["architectures"]?[0]?.stringValue ?? text["architectures"]?[0]?.stringValue ?? ""
        modelType = (text["model_type"]?.stringValue ?? root["model_type"]?.stringValue ?? "").lowercased()
    }

    /// The largest number that a size may be. It keeps products of two within 64 bits.
    private static let largest: Int64 = 1 << 31

    /// The first of these members that is a whole number in range, of the language model before the whole.
    func integer(_ keys: String...) -> Int? {
        for object in [text, root] {
            for key in keys {
                guard let value = object[key]?.integerValue, (0...Self.largest).contains(value) else {
                    continue
                }
                return Int(value)
            }
        }
        return nil
    }

    /// The first of these members that is a number.
    func number(_ keys: String...) -> Double? {
        keys.lazy.compactMap { text[$0]?.doubleValue ?? root[$0]?.doubleValue }.first
    }

    /// The first of these members that is a boolean.
    func flag(_ keys: String...) -> Bool? {
        keys.lazy.compactMap { text[$0]?.boolValue ?? root[$0]?.boolValue }.first
    }

    /// The first of these members that is a string.
    func string(_ keys: String...) -> String? {
        keys.lazy.compactMap { text[$0]?.stringValue ?? root[$0]?.stringValue }.first
    }

    /// The member of the language model or of the whole.
    func value(_ key: String) -> JSONValue? {
        for object in [text, root] {
            if let value = object[key], !value.isNull { return value }
        }
        return nil
    }

    /// The whole numbers of an array, nil when there is none.
    func integers(_ key: String) -> [Int]? {
        value(key)?.arrayValue?.prefix(4096).map { Int(clamping: $0.integerValue ?? 0) }
    }

    /// The strings of an array, nil when there is none.
    func strings(_ key: String) -> [String]? {
        value(key)?.arrayValue?.prefix(4096).map { $0.stringValue ?? "" }
    }

    /// Whether the family's name begins with one of these.
    func isFamily(_ names: String...) -> Bool {
        names.contains { modelType.hasPrefix($0) }
    }
}

extension ModelConfiguration {
    /// The dtype of the weights as the file names it: `dtype` since Transformers 5, `torch_dtype` before; nil when it says
    /// none, as gpt-oss does.
    var dtype: String? {
        for object in [text, root] {
            for key in ["dtype", "torch_dtype"] {
                if let name = object[key]?.stringValue, !name.isEmpty {
                    return name.replacingPrefix("torch.", with: "")
                }
            }
        }
        return nil
    }

    /// Whether the output projection is the embedding.
    ///
    /// A file that does not say has its family's default: Transformers' base class ties, and these classes' own
    /// configurations do not override it (`configuration_*.py`).
    var tiesEmbeddings: Bool {
        for object in [text, root] {
            for key in ["tie_word_embeddings", "tie_embedding", "tie_embeddings"] {
                if let value = object[key]?.boolValue { return value }
            }
        }
        let tied = [
            "gemma", "cohere", "gpt2", "gpt_bigcode", "falcon", "bloom", "opt", "starcoder2", "mamba",
            "smollm3", "lfm2",
            "minicpm", "ernie4_5", "t5", "mpt", "recurrent_gemma", "bart", "whisper", "openelm", "exaone4",
        ]
        let untied = ["falcon_h1", "falcon3"]
        return tied.contains { modelType.hasPrefix($0) } && !untied.contains { modelType.hasPrefix($0) }
    }
}

extension String {
    /// The string with another beginning; itself when it does not begin so.
    func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
