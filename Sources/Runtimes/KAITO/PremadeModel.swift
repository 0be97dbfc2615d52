/// A model that comes in an image of its own, which AIKit has built (kaito-project/aikit, website/docs/premade-models.md).
public struct PremadeModel: Sendable, Hashable {
    /// How it is asked for, such as `llama3.2:1b`.
    public let id: String
    /// The model's name without its size.
    public let name: String
    /// How many parameters it has, such as `1B`.
    public let size: String
    /// What its server calls it.
    public let modelName: String
    /// The licence, in a word or two.
    public let license: String
    /// What it is, for people.
    public let description: String

    /// The image.
    public var image: String { "ghcr.io/kaito-project/aikit/\(id)" }

    /// All that there are.
    public static let all = [
        PremadeModel(
            "llama3.2:1b",
            "Llama 3.2",
            "1B",
            "llama-3.2-1b-instruct",
            "Llama",
            "Meta's smallest Llama 3.2, tuned for instructions"
        ),
        PremadeModel(
            "llama3.2:3b",
            "Llama 3.2",
            "3B",
            "llama-3.2-3b-instruct",
            "Llama",
            "Meta's small Llama 3.2, tuned for instructions"
        ),
        PremadeModel(
            "llama3.1:8b",
            "Llama 3.1",
            "8B",
            "llama-3.1-8b-instruct",
            "Llama",
            "Meta's Llama 3.1 of middle size, tuned for instructions"
        ),
        PremadeModel(
            "llama3.3:70b",
            "Llama 3.3",
            "70B",
            "llama-3.3-70b-instruct",
            "Llama",
            "Meta's large Llama 3.3, tuned for instructions"
        ),
        PremadeModel(
            "mixtral:8x7b",
            "Mixtral",
            "8x7B",
            "mixtral-8x7b-instruct",
            "Apache",
            "Mistral's mixture of eight experts, tuned for instructions"
        ),
        PremadeModel(
            "phi4:14b",
            "Phi 4",
            "14B",
            "phi-4-14b-instruct",
            "MIT",
            "Microsoft's Phi 4, strong in reasoning for its size"
        ),
        PremadeModel(
            "gemma2:2b",
            "Gemma 2",
            "2B",
            "gemma-2-2b-instruct",
            "Gemma",
            "Google's small Gemma 2, tuned for instructions"
        ),
        PremadeModel("qwq:32b", "QwQ", "32B", "qwq-32b", "Apache 2.0", "Qwen's model for reasoning"),
        PremadeModel(
            "codestral:22b",
            "Codestral",
            "22B",
            "codestral-22b",
            "MNLP",
            "Mistral's model for code"
        ),
        PremadeModel(
            "gpt-oss:20b",
            "GPT-OSS",
            "20B",
            "gpt-oss-20b",
            "Apache 2.0",
            "OpenAI's open model for reasoning and tools"
        ),
    ]

    /// The model with that id; nil for none.
    public static func named(_ id: String) -> PremadeModel? { all.first { $0.id == id } }

    private init(
        _ id: String,
        _ name: String,
        _ size: String,
        _ modelName: String,
        _ license: String,
        _ description: String
    ) {
        self.id = id
        self.name = name
        self.size = size
        self.modelName = modelName
        self.license = license
        self.description = description
    }
}
