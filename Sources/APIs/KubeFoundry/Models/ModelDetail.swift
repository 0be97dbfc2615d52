import Capacity
import ControlPlane
import HuggingFace
import JSON

/// The answer of `GET /api/models/{org}/{name}`: what the catalogue or the disk has, and what the Hub tells.
struct ModelDetail: JSONObject {
    /// What the catalogue or the disk has.
    let listed: ListedModel?
    /// What the Hub tells.
    let hub: HubDetails?
    /// Why the Hub's part, or some of it, is missing.
    let problem: String?

    private var model: HubModel? { hub?.metadata.model }
    private var profile: ModelProfile? { hub?.profile }

    private var engines: [InferenceEngine] {
        if let engines = listed?.engines { return engines }
        guard let model else { return [] }
        if !model.engines.isEmpty || profile == nil { return model.engines }
        return InferenceEngine.running(profile?.architecture ?? "").filter { $0 != .llamaCpp }
    }

    private var parameters: Int64? { listed?.parameters ?? model?.parameterCount }
    private var estimate: BaselineEstimate? { parameters.map { BaselineEstimate(parameters: $0) } }

    static let schemaName = "ModelDetail"
    static let fields: [JSONField<ModelDetail>] =
        common + [
            .init("author", "The owner; absent for what is not on the Hub", example: "Qwen") { detail in
                detail.model.map { $0.author ?? $0.id.owner }
            },
            .init("downloads", "Downloads of the last 30 days", example: 6_123_456) { $0.model?.downloads },
            .init("likes", "Users who like it", example: 512) { $0.model?.likes },
            .init("pipelineTag", "What it is for, as the Hub says", example: "text-generation") {
                $0.model?.pipelineTag
            },
            .init("libraryName", "The library that it is made for", example: "transformers") {
                $0.model?.library
            },
            .init("architectures", "The classes that it is run by", example: ["Qwen3ForCausalLM"]) { detail in
                detail.model?.configuration?.architectures
            },
            .init("tags", "The tags of its owner and of the Hub") { $0.model?.tags },
            .init("createdAt", "When the repository was made") { $0.model?.createdAt },
            .init("lastModified", "When the repository changed last") { $0.model?.lastModified },
            .init(
                "revision",
                "The commit that this is about",
                example: "c1899de289a04d12100db370d81485cdf75e47ca"
            ) {
                $0.hub?.metadata.commit.text
            },
            .init(
                "stale",
                "Whether the Hub could not be asked whether this is still so; absent without the Hub's part"
            ) {
                $0.hub?.metadata.isStale
            },
            .init("dtype", "The type of its plain weights", example: "bfloat16") { $0.profile?.dtype },
            .init("problem", "Why the Hub's part, or some of it, is missing; absent when all is well") {
                $0.problem ?? $0.hub?.problem ?? $0.listed?.problem
            },
        ]

    /// What lists have too.
    private static let common: [JSONField<ModelDetail>] = [
        .init(
            "id",
            "The repository on the Hub; `local/…` for a file of this machine",
            example: "Qwen/Qwen3-0.6B"
        ) {
            $0.listed?.id ?? $0.model?.id.text ?? ""
        },
        .init("name", "The name for people", example: "Qwen3 0.6B") {
            $0.listed?.name ?? $0.model?.id.name ?? ""
        },
        .init("description", "What it is good for; absent when nobody has said") { $0.listed?.summary },
        .init("size", "About how many parameters it has; absent when it is not known", example: "0.6B") {
            $0.listed?.size
        },
        .init("task", "What it is for: `text-generation`, `chat`, or the Hub's word", example: "chat") {
            detail in
            detail.listed?.task ?? detail.model?.pipelineTag
        },
        .init("contextLength", "The longest context in tokens; absent when it is not known", example: 32768) {
            detail in
            detail.listed?.contextLength ?? detail.profile?.contextLength
                ?? detail.model?.gguf?.contextLength.map { Int(clamping: $0) }
        },
        .init(
            "supportedEngines",
            "The engines that run it, the preferred one first",
            example: ["vllm", "sglang"]
        ) {
            $0.engines.map(\.rawValue)
        }.schema(EngineName.list),
        .init(
            "minGpuMemory",
            "The memory that its GPUs need together for a context of 4096 tokens; absent when it is not known",
            example: "4GB"
        ) { $0.listed?.minimumMemory },
        .init(
            "minGpus",
            "The fewest GPUs of one machine that have this memory; absent when it is not known",
            example: 1
        ) {
            $0.listed?.minimumGPUs
        },
        .init("gated", "Whether one must accept terms on the Hub to get it") { detail in
            detail.model?.gate.map { $0 != .open } ?? detail.listed?.isGated ?? false
        },
        .init(
            "estimatedGpuMemory",
            "Parameters × 2 bytes × 1.2, also where the weights have fewer bits; absent when the parameters are not known",
            example: "1.4GB"
        ) { $0.estimate?.text },
        .init("estimatedGpuMemoryGb", "The same as a number, 10^9 bytes", example: 1.4) {
            $0.estimate?.gigabytes
        },
        .init("parameterCount", "All its parameters; absent when they are not known", example: 596_049_920) {
            $0.parameters
        },
        .init("fromHfSearch", "Whether it is found by a search of the Hub alone") { $0.listed == nil },
        .init(
            "architecture",
            "The class that it is run by, or GGUF's name of it",
            example: "Qwen3ForCausalLM"
        ) {
            detail in
            detail.listed?.architecture ?? detail.model?.configuration?.architectures.first
                ?? detail.model?.gguf?.architecture
        },
        .init("quantization", "How its weights are quantised; absent when they are not", example: "fp8") {
            detail in
            detail.listed?.quantization ?? detail.profile?.quantization?.method
                ?? detail.profile?.unknownQuantization
        },
        .init("license", "Its licence, by the name that its owner uses", example: "apache-2.0") { detail in
            detail.listed?.license
                ?? detail.model?.tags.first { $0.hasPrefix("license:") }.map { String($0.dropFirst(8)) }
        },
        .init("local", "Whether it is in a file of this machine") { $0.listed?.isLocal ?? false },
        .init("fileSizeBytes", "The size of the file on this machine, of all its parts") {
            $0.listed?.fileSize
        },
    ]
}

/// The answer of `GET /api/models/{org}/{name}/gguf-files`.
struct GGUFFileList: JSONObject {
    /// The files by their paths.
    let files: [HuggingFace.RepositoryFile]

    static let schemaName = "GGUFFiles"
    static let fields: [JSONField<GGUFFileList>] = [
        .init("files", "The paths of the GGUF files, sorted", example: ["Qwen3-0.6B-Q8_0.gguf"]) {
            $0.files.map(\.path)
        },
        .init(
            "sizes",
            "The size of each of them in bytes, by its path",
            example: ["Qwen3-0.6B-Q8_0.gguf": 639_446_688]
        ) {
            list in
            Dictionary(list.files.map { ($0.path, $0.size) }) { first, _ in first }
        },
    ]
}
