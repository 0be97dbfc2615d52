import Capacity
import ControlPlane
import JSON

/// A model in the list: of the catalogue, or in a file of this machine.
struct ListedModel: JSONObject {
    let source: Source

    enum Source: Sendable {
        case catalog(CatalogModel)
        case local(LocalModel)
    }

    private var catalog: CatalogModel? { if case .catalog(let model) = source { model } else { nil } }
    private var local: LocalModel? { if case .local(let model) = source { model } else { nil } }
    private var header: LocalModelHeader? { local?.header }

    var id: String { catalog?.id ?? local?.id ?? "" }
    var name: String { catalog?.name ?? local?.name ?? "" }
    var summary: String { catalog?.summary ?? local.map(Self.description) ?? "" }
    var size: String? { catalog?.size ?? header.flatMap(Self.size) }
    var task: String { catalog?.task ?? "text-generation" }
    var contextLength: Int? { catalog?.contextLength ?? header?.contextLength }
    var engines: [InferenceEngine] { catalog?.engines ?? local?.engines ?? [] }
    var minimumMemory: String? { catalog.map { "\($0.minimumMemoryGB)GB" } }
    var minimumGPUs: Int { catalog?.minimumGPUs ?? 0 }
    var isGated: Bool { catalog?.isGated ?? false }
    var estimate: BaselineEstimate? { parameters.map { BaselineEstimate(parameters: $0) } }
    var parameters: Int64? { catalog?.parameters ?? header?.parameters }
    var architecture: String? { catalog?.architecture ?? header?.architecture }
    var quantization: String? { catalog?.quantization ?? header?.quantization }
    var license: String? { catalog?.license ?? header?.license }
    var isLocal: Bool { local != nil }
    var fileSize: Int64? { local?.byteCount }
    var problem: String? { local?.problem }

    static let schemaName = "Model"
    static let fields: [JSONField<ListedModel>] = [
        .init(
            "id",
            "The repository on the Hub; `local/…` for a file of this machine",
            example: "Qwen/Qwen3-0.6B"
        ) {
            $0.id
        },
        .init("name", "The name for people", example: "Qwen3 0.6B") { $0.name },
        .init("description", "What it is good for", example: "A small model for development") { $0.summary },
        .init("size", "About how many parameters it has; absent when it is not known", example: "0.6B") {
            $0.size
        },
        .init("task", "What it is for: `text-generation` or `chat`", example: "text-generation") { $0.task },
        .init("contextLength", "The longest context in tokens; absent when it is not known", example: 32768) {
            $0.contextLength
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
        ) { $0.minimumMemory },
        .init(
            "minGpus",
            "The fewest GPUs of one machine that have this memory; 0 when it runs without",
            example: 1
        ) {
            $0.minimumGPUs
        },
        .init("gated", "Whether one must accept terms on the Hub to get it") { $0.isGated },
        .init(
            "estimatedGpuMemory",
            "Parameters × 2 bytes × 1.2, also where the weights have fewer bits: minGpuMemory is the better number. Absent when the parameters are not known",
            example: "1.4GB"
        ) { $0.estimate?.text },
        .init("estimatedGpuMemoryGb", "The same as a number, 10^9 bytes", example: 1.4) {
            $0.estimate?.gigabytes
        },
        .init("parameterCount", "All its parameters; absent when they are not known", example: 596_049_920) {
            $0.parameters
        },
        .init("fromHfSearch", "Whether it comes from a search of the Hub; here it never does") { _ in false },
        .init(
            "architecture",
            "The class that it is run by, or GGUF's name of it",
            example: "Qwen3ForCausalLM"
        ) {
            $0.architecture
        },
        .init("quantization", "How its weights are quantised; absent when they are not", example: "Q4_K_M") {
            $0.quantization
        },
        .init("license", "Its licence, by the name that its owner uses", example: "apache-2.0") {
            $0.license
        },
        .init("local", "Whether it is in a file of this machine") { $0.isLocal },
        .init("fileSizeBytes", "The size of the file, of all its parts", example: 639_446_688) {
            $0.fileSize
        },
        .init("problem", "Why the file's header could not be read") { $0.problem },
    ]

    private static func description(_ model: LocalModel) -> String {
        model.partCount > 1
            ? "\(model.path) and \(model.partCount - 1) further parts, on this machine"
            : "\(model.path), on this machine"
    }

    /// The maker's own word, else the number of parameters with two digits.
    private static func size(_ header: LocalModelHeader) -> String? {
        if let label = header.sizeLabel { return label }
        guard header.parameters > 0 else { return nil }
        let units: [(Double, String)] = [(1e12, "T"), (1e9, "B"), (1e6, "M")]
        let (unit, name) = units.first { Double(header.parameters) >= $0.0 * 0.95 } ?? (1e6, "M")
        let amount = Double(header.parameters) / unit
        let tenths = (amount * 10).rounded() / 10
        return amount < 10 && tenths != tenths.rounded()
            ? "\(tenths)\(name)" : "\(Int(amount.rounded()))\(name)"
    }
}

/// The names of engines in documents.
enum EngineName {
    /// A list of them.
    static var list: JSONSchema { .array(of: .enumeration(InferenceEngine.allCases.map(\.rawValue))) }
}

/// The answer of `GET /api/models`.
struct ModelList: JSONObject {
    let models: [ListedModel]
    let page: Pagination
    let warnings: [String]

    static let schemaName = "ModelList"
    static let fields: [JSONField<ModelList>] = [
        .init("models", "The models: those of this machine, then the catalogue in its order") { $0.models },
        .init("pagination", "Which part of the list this is") { $0.page },
        .init("warnings", "What could not be read; absent when all is well") {
            $0.warnings.isEmpty ? nil : $0.warnings
        },
    ]
}
