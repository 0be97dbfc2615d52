import Capacity
import ControlPlane
import JSON
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The models whose configurations and parameters are published, in the data of the tests of `Capacity`.
enum PublishedModel {
    /// A model by its name; nil when it is not in the list.
    static func model(_ id: String) throws -> JSONValue? { try all.get()[id] }

    /// The profile that its configuration gives.
    static func profile(_ id: String) throws -> ModelProfile? {
        guard let model = try model(id) else { return nil }
        var configuration = model["config"] ?? .null
        configuration["architectures"] = model["architectures"]
        configuration["model_type"] = model["model_type"]
        if let quantization = model["quantization_config"], !quantization.isNull {
            configuration["quantization_config"] = quantization
        }
        if configuration["head_dim_derived"]?.boolValue == true { configuration["head_dim"] = nil }
        return try ModelProfile(
            ModelEvidence(configuration: configuration, parameterCount: model["params_total"]?.integerValue)
        )
    }

    /// The profile of a model of the catalogue that comes as a GGUF file.
    static func ggufProfile(_ model: CatalogModel) throws -> ModelProfile? {
        let mixture = try #require(model.quantization.flatMap { GGUFMixture(parsing: $0) }, "\(model.id)")
        // What was published of it is in no list: the configuration of mistralai/Codestral-22B-v0.1.
        let codestral: JSONValue = [
            "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 6144,
            "intermediate_size": 16384, "num_hidden_layers": 56, "num_attention_heads": 48,
            "num_key_value_heads": 8, "vocab_size": 32768, "max_position_embeddings": 32768,
            "tie_word_embeddings": false,
        ]
        if model.id == "kaito/codestral-22b" {
            return try ModelProfile(ModelEvidence(configuration: codestral)).served(as: mixture)
        }
        return try bases[model.id].flatMap { try profile($0) }?.served(as: mixture)
    }

    private static let bases = [
        "kaito/llama3.2-1b": "meta-llama/Llama-3.2-1B-Instruct",
        "kaito/llama3.2-3b": "meta-llama/Llama-3.2-3B-Instruct",
        "kaito/llama3.1-8b": "meta-llama/Llama-3.1-8B-Instruct",
        "kaito/llama3.3-70b": "meta-llama/Llama-3.3-70B-Instruct",
        "kaito/mixtral-8x7b": "mistralai/Mixtral-8x7B-Instruct-v0.1", "kaito/phi4-14b": "microsoft/phi-4",
        "kaito/gemma2-2b": "google/gemma-2-2b-it", "kaito/qwq-32b": "Qwen/QwQ-32B",
        "kaito/gpt-oss-20b": "openai/gpt-oss-20b",
    ]

    /// GPUs of one machine, from the least memory to the most: a single one, then several with much.
    private static let machines: [(gpus: Int, gigabytes: Int)] =
        [2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 80].map { (1, $0) }
        + [(2, 80), (4, 80), (8, 80), (8, 141), (8, 192), (8, 288)]

    /// The first of the machines on which the model surely fits.
    static func leastMemory(_ profile: ModelProfile, _ model: CatalogModel) -> (gpus: Int, gigabytes: Int)? {
        machines.first { fits(profile, model, gpus: $0.gpus, gigabytes: $0.gigabytes) }
    }

    /// Whether the first engine of a model serves it with a context of 4096 tokens, started so that it takes little memory.
    private static func fits(_ profile: ModelProfile, _ model: CatalogModel, gpus: Int, gigabytes: Int)
        -> Bool
    {
        let device = FitDevice(
            product: nil,
            name: "\(gigabytes) GB",
            count: gpus,
            // Of what is sold as so many gigabytes, 10^9 bytes are left of each.
            visibleBytes: Int64(gigabytes) * 1_000_000_000
        )
        var request = FitRequest(model: model.id, devices: [device])
        request.engine = model.engines.first ?? .vllm
        request.workload.contextLength = min(4096, model.contextLength)
        request.workload.maxSequences = 32
        request.options.isEager = true
        if request.engine != .llamaCpp { request.options.memoryFraction = 0.95 }
        return Fit.evaluate(profile, request).verdict == .fits
    }

    /// How many entries the catalogue's file has.
    static func entriesOfCatalog() throws -> Int {
        try JSONValue(parsing: bytes("Sources/CModelCatalogData/models.json")).arrayValue?.count ?? 0
    }

    private static let all = Result {
        let models =
            try JSONValue(parsing: bytes("Tests/CapacityTests/Data/models.json"))["models"]?.arrayValue ?? []
        return Dictionary(models.map { ($0["id"]?.stringValue ?? "", $0) }) { first, _ in first }
    }

    /// The bytes of a file of this repository.
    private static func bytes(_ path: String) throws -> [UInt8] {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try #require(fopen("\(root)/\(path)", "r"), "\(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
