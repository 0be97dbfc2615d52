public import Capacity
internal import JSON

/// One published measurement: what an engine printed when it started a model, or how it failed.
public struct CalibrationRecord: Sendable {
    /// How it ended.
    public enum Outcome: Sendable, Hashable {
        /// The engine served.
        case serves
        /// It refused to start, or ran out of memory.
        case fails
    }

    /// The record's name.
    public let id: String
    /// The model.
    public let model: String
    /// How it was quantised, as the record calls it.
    public let quantization: String
    /// The engine and its version, as the record has them.
    public let engine: String
    /// The GPU, as the record calls it.
    public let gpu: String
    /// How it ended.
    public let outcome: Outcome
    /// Whether the memory of the GPU and the spread are recorded, so that it can be judged whether the model fits.
    public let isSized: Bool
    /// Whether the fraction, the context and the memory are recorded, so that an estimate can be made without the engine's
    /// own figures.
    public let isComplete: Bool

    /// GiB of weights on a GPU.
    public let weights: Double?
    /// GiB that were left for the cache.
    public let cache: Double?
    /// Tokens that the engine printed.
    public let tokens: Int64?

    /// The model's profile; nil when its configuration is not known.
    public let profile: ModelProfile?
    /// What the engine was asked for.
    public let request: FitRequest
    /// The GPUs.
    public let device: FitDevice
    /// The spread.
    public let parallelism: Parallelism
    /// Whether the printed tokens count layers without a window only.
    let countsWholeLayersOnly: Bool

    init?(_ record: JSONValue, models: [String: JSONValue]) {
        guard let id = record["id"]?.stringValue, let model = record["model"]?.stringValue else { return nil }
        self.id = id
        self.model = model
        quantization = record["quantization"]?.stringValue ?? ""
        engine = "\(record["engine"]?.stringValue ?? "") \(record["engine_version"]?.stringValue ?? "")"
        gpu = record["gpu"]?.stringValue ?? ""
        outcome = record["outcome"]?.stringValue == "serves" ? .serves : .fails
        let measured = record["measured"] ?? .null
        weights = measured["weights_gib_per_gpu"]?.doubleValue
        cache = measured["available_kv_gib_per_gpu"]?.doubleValue
        tokens = measured["kv_tokens"]?.integerValue
        countsWholeLayersOnly = record["token_count_semantics"]?.stringValue == "full-attention layers only"
        let visible = record["gpu_total_gib_visible"]?.doubleValue ?? Self.nominalMemory(in: gpu)
        let fraction = record["gpu_memory_fraction"]?.doubleValue
        isComplete = record["gpu_total_gib_visible"]?.doubleValue != nil && fraction != nil
        isSized = visible != nil && record["tp"] != nil

        parallelism = Parallelism(
            tensor: Int(record["tp"]?.integerValue ?? 1),
            pipeline: Int(record["pp"]?.integerValue ?? 1)
        )
        let known = KnownGPU.name(in: gpu)
        var device = FitDevice(named: known ?? gpu, count: parallelism.gpus)
        device.product = known == nil ? nil : device.product
        device.visibleBytes =
            visible.map(ByteCount.gibibytes) ?? device.visibleBytes ?? ByteCount.gibibytes(80)
        self.device = device

        var request = FitRequest(model: model, devices: [device])
        request.engine = record["engine"]?.stringValue.flatMap { InferenceEngine(parsing: $0) } ?? .vllm
        // Where only a year is recorded, 2025 or 2026, it is vLLM's version of that winter.
        let winter = request.engine == .vllm ? EngineVersion(0, 15) : nil
        request.engineVersion =
            record["engine_version"]?.stringValue.flatMap { EngineVersion(parsing: $0) } ?? winter
        request.workload.contextLength = record["max_model_len"]?.integerValue.map(Int.init)
        request.workload.maxSequences = record["max_num_seqs"]?.integerValue.map(Int.init)
        request.workload.maxBatchedTokens = record["max_num_batched_tokens"]?.integerValue.map(Int.init)
        request.options.memoryFraction = fraction
        request.options.keyValueDtype = record["kv_cache_dtype"]?.stringValue
        request.options.tensorParallel = parallelism.tensor
        request.options.pipelineParallel = parallelism.pipeline
        request.options.isEager = record["enforce_eager"]?.boolValue ?? false
        request.candidateLimit = 1
        let name = quantization
        if name == "fp8-online" { request.options.quantization = "fp8" }
        if name.hasPrefix("gguf-") { request.options.quantization = String(name.dropFirst("gguf-".count)) }
        self.request = request
        profile = Self.profile(record, name, models)
    }

    /// GiB that a process sees of a card of which only the nominal size is recorded, as in "8 GB card".
    private static func nominalMemory(in text: String) -> Double? {
        let words = text.split(separator: " ")
        guard let unit = words.firstIndex(of: "GB"), unit > 0, let size = Int(words[unit - 1]) else {
            return nil
        }
        return GPUProduct.visibleBytes(ofLabelMiB: size * 1024).gibibytes
    }

    /// The profile from the listed configuration, or for what is not listed from the layers that the record tells.
    private static func profile(_ record: JSONValue, _ quantization: String, _ models: [String: JSONValue])
        -> ModelProfile?
    {
        let names = [record["model"], record["base_config"]].compactMap { $0?.stringValue }
            .flatMap { [$0, $0.split(separator: " (").first.map(String.init) ?? $0] }
        guard let entry = names.lazy.compactMap({ models[$0] }).first else {
            return ofLayers(record["measured"] ?? .null)
        }
        return try? ModelProfile(listed: entry, quantization: Self.statement(of: quantization))
    }

    /// What the checkpoint of a record says of its quantisation.
    private static func statement(of name: String) -> JSONValue? {
        switch name {
        case "mxfp4": ["quant_method": "mxfp4"]
        case "fp8": ["quant_method": "modelopt", "quant_algo": "FP8"]
        case "fp8_block": ["quant_method": "fp8", "weight_block_size": [128, 128]]
        case "nvfp4": ["quant_method": "modelopt", "quant_algo": "NVFP4"]
        case "fbgemm_fp8": ["quant_method": "fbgemm_fp8"]
        case "int8": ["quant_method": "compressed-tensors", "format": "int-quantized"]
        case "awq_g128": ["quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true]
        default: nil
        }
    }

    /// A model of which only the layers that cache are recorded.
    private static func ofLayers(_ measured: JSONValue) -> ModelProfile? {
        guard let whole = measured["layers_full"]?.integerValue,
            let windowed = measured["layers_swa"]?.integerValue,
            let heads = measured["kv_heads"]?.integerValue, let size = measured["head_dim"]?.integerValue
        else { return nil }
        let kinds =
            Array(repeating: JSONValue.string("full_attention"), count: Int(whole))
            + Array(repeating: JSONValue.string("sliding_attention"), count: Int(windowed))
        let configuration: JSONValue = [
            "model_type": "", "hidden_size": .integer(heads * size), "num_attention_heads": .integer(heads),
            "num_key_value_heads": .integer(heads), "head_dim": .integer(size), "vocab_size": 1,
            "num_hidden_layers": .integer(whole + windowed), "layer_types": .array(kinds),
            "sliding_window": measured["sliding_window"] ?? .null,
        ]
        return try? ModelProfile(ModelEvidence(configuration: configuration))
    }
}

/// The products behind the words that records use for GPUs.
private enum KnownGPU {
    private static let names = [
        ("GB10", "NVIDIA-GB10"), ("MI300X", "MI300X"), ("H200", "NVIDIA-H200"),
        ("H100", "NVIDIA-H100-80GB-HBM3"),
        ("Hopper", "NVIDIA-H100-80GB-HBM3"), ("A100-SXM4-40GB", "NVIDIA-A100-SXM4-40GB"),
        ("A100-40GB", "NVIDIA-A100-SXM4-40GB"), ("L40S", "NVIDIA-L40S"), ("L4 ", "NVIDIA-L4"),
        ("RTX-3090", "NVIDIA-GeForce-RTX-3090"), ("RTX-5070-Ti", "NVIDIA-GeForce-RTX-5070-Ti"),
    ]

    static func name(in text: String) -> String? { names.first { text.contains($0.0) }?.1 }
}
