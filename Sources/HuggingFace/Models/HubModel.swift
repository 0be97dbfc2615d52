public import JSON

/// What the Hub tells about a model. Anything but the name may be missing.
public struct HubModel: Sendable, Hashable {
    /// Whether the owner lets in only those who have accepted terms.
    public enum Gate: Sendable, Hashable {
        /// Everybody may download the files.
        case open
        /// Those who accept the terms may, at once.
        case automatic
        /// Those may whom the owner has let in.
        case manual
    }

    /// The parameters in safetensors files as the Hub counts them: elements of tensors, packed ones as what they are packed in.
    public struct Parameters: Sendable, Hashable {
        /// Elements by dtype, as `BF16`.
        public var byType: [String: Int64]
        /// All of them.
        public var total: Int64

        /// Counted parameters.
        public init(byType: [String: Int64], total: Int64) {
            self.byType = byType
            self.total = total
        }
    }

    /// What the Hub reads from a repository's GGUF file.
    public struct GGUF: Sendable, Hashable {
        /// The number of parameters.
        public var parameters: Int64?
        /// The architecture's name in llama.cpp, as `qwen3`.
        public var architecture: String?
        /// The longest context, in tokens.
        public var contextLength: Int64?
        /// The size of the file that was read, in bytes.
        public var fileSize: Int64?
    }

    /// The part of `config.json` that the Hub has at hand.
    public struct Configuration: Sendable, Hashable {
        /// The names of the classes that the model is run by, as `LlamaForCausalLM`.
        public var architectures: [String] = []
        /// The family, as `llama`.
        public var modelType: String?
        /// How the weights are quantised, as far as the Hub says.
        public var quantization: JSONValue?
    }

    /// The repository.
    public var id: RepositoryID
    /// The commit that this is about.
    public var commit: String?
    /// Who made it.
    public var author: String?
    /// Who may download the files; nil when the Hub did not say.
    public var gate: Gate?
    /// Whether only its owner and those whom the owner names know of it.
    public var isPrivate: Bool?
    /// Whether the Hub's staff has closed it.
    public var isDisabled: Bool?
    /// Downloads of the last 30 days.
    public var downloads: Int64?
    /// Users who like it.
    public var likes: Int64?
    /// What it is for, as `text-generation`.
    public var pipelineTag: String?
    /// The library that it is made for, as `transformers` or `gguf`.
    public var library: String?
    /// Tags of its owner and of the Hub.
    public var tags: [String] = []
    /// When the repository was made.
    public var createdAt: Timestamp?
    /// When the repository changed last.
    public var lastModified: Timestamp?
    /// What is in its safetensors files.
    public var parameters: Parameters?
    /// What is in its GGUF files.
    public var gguf: GGUF?
    /// How it is run.
    public var configuration: Configuration?
    /// The names of its files, where they were asked for.
    public var fileNames: [String]?

    /// A model of which nothing else is known.
    public init(id: RepositoryID) {
        self.id = id
    }

    /// Whether its files need a user's access: it is gated or private.
    public var isRestricted: Bool {
        isPrivate == true || (gate != nil && gate != .open)
    }

    /// About how many bytes of memory it takes.
    var approximateSize: Int {
        var size = MemoryLayout<HubModel>.size + id.text.utf8.count + (commit?.utf8.count ?? 0)
        size += tags.reduce(0) { $0 + 16 + max(0, $1.utf8.count) }
        size += (fileNames ?? []).reduce(0) { $0 + 16 + $1.utf8.count }
        size += (parameters?.byType.count ?? 0) * 48
        size += configuration?.architectures.reduce(0) { $0 + 16 + $1.utf8.count } ?? 0
        size += configuration?.quantization.map { $0.approximateSize } ?? 0
        return size
    }
}

extension JSONValue {
    /// About how many bytes of memory the value takes.
    var approximateSize: Int {
        switch self {
        case .null, .bool, .integer, .number: 16
        case .string(let text): 16 + text.utf8.count
        case .array(let elements): elements.reduce(32) { $0 + $1.approximateSize }
        case .object(let members):
            members.reduce(32) { $0 + 32 + $1.key.utf8.count + $1.value.approximateSize }
        }
    }
}
