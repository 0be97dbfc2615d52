import Capacity
import ControlPlane
public import HuggingFace
public import JSON

/// A model that a search of the Hub has found.
struct FoundModel: JSONObject {
    let model: HubModel

    static let schemaName = "FoundModel"
    static let fields: [JSONField<FoundModel>] =
        HubFields.all(\.model) + [
            .init("compatible", "Whether an engine runs it; what none runs is not listed") { _ in true },
            .init("fromHfSearch", "That it comes from a search of the Hub") { _ in true },
        ]
}

/// What is told of each model on the Hub.
enum HubFields {
    /// The members, for an answer that has these among others.
    static func all<Answer>(_ model: @escaping @Sendable (Answer) -> HubModel) -> [JSONField<Answer>] {
        [
            .init("id", "The repository", example: "meta-llama/Llama-3.1-8B-Instruct") { model($0).id.text },
            .init("name", "The name without its owner", example: "Llama-3.1-8B-Instruct") {
                model($0).id.name
            },
            .init("author", "The owner", example: "meta-llama") { model($0).author ?? model($0).id.owner },
        ] + numbers(model)
    }

    /// The members besides those that name it.
    static func numbers<Answer>(_ model: @escaping @Sendable (Answer) -> HubModel) -> [JSONField<Answer>] {
        [
            .init("downloads", "Downloads of the last 30 days", example: 1_500_000) {
                model($0).downloads ?? 0
            },
            .init("likes", "Users who like it", example: 2500) { model($0).likes ?? 0 },
            .init("pipelineTag", "What it is for", example: "text-generation") {
                model($0).pipelineTag ?? "text-generation"
            },
            .init(
                "libraryName",
                "The library that it is made for; absent when the Hub does not say",
                example: "transformers"
            ) {
                model($0).library
            },
            .init("architectures", "The classes that it is run by", example: ["LlamaForCausalLM"]) {
                model($0).configuration?.architectures ?? []
            },
            .init("gated", "Whether one must accept terms on the Hub to get it") { answer in
                model(answer).gate.map { $0 != .open } ?? false
            },
            .init(
                "supportedEngines",
                "The engines that run it, the preferred one first",
                example: ["vllm", "sglang"]
            ) {
                model($0).engines.map(\.rawValue)
            }.schema(EngineName.list),
            .init(
                "estimatedGpuMemory",
                "Parameters × 2 bytes × 1.2; absent when the Hub has not counted them",
                example: "19.2GB"
            ) { model($0).estimate?.text },
            .init("estimatedGpuMemoryGb", "The same as a number, 10^9 bytes", example: 19.2) {
                model($0).estimate?.gigabytes
            },
            .init(
                "parameterCount",
                "The parameters, as the Hub counts them; absent when it has not",
                example: 8_000_000_000
            ) {
                model($0).parameterCount
            },
            .init("lastModified", "When the repository changed last") { model($0).lastModified },
        ]
    }
}

/// The answer of `GET /api/models/search`, which `ingot models search --json` prints too.
public struct ModelSearchAnswer: JSONObject {
    let results: SearchResults
    let query: String

    /// The name of the component.
    public static let schemaName = "ModelSearch"
    /// The members.
    public static let fields: [JSONField<ModelSearchAnswer>] = [
        .init("models", "The models, the most downloaded ones first") {
            $0.results.models.map(FoundModel.init)
        },
        .init(
            "total",
            "How many models there are, as far as the search has looked: at least one more than up to here while there are more",
            example: 150
        ) { $0.results.total },
        .init("offset", "The place of the first model", example: 0) { $0.results.offset },
        .init("limit", "The most models that were asked for", example: 20) { $0.results.limit },
        .init("hasMore", "Whether there are models behind these") { $0.results.hasMore },
        .init("complete", "Whether the search has seen everything that the Hub has, so that total is exact") {
            $0.results.isComplete
        },
        .init("query", "What was searched for", example: "llama") { $0.query },
    ]

    /// The answer with these results.
    public init(_ results: SearchResults, query: String) {
        self.results = results
        self.query = query
    }
}
