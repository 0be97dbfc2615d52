public import JSON

/// What is wrong with a request for a fit.
public struct FitRequestFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where it is, as in `devices[0].count`.
    public let path: String
    /// What should be there, as in `an integer from 1 to 4096`.
    public let expected: String

    /// What is wrong with a request.
    public init(path: String, expected: String) {
        self.path = path
        self.expected = expected
    }

    /// What a reader of fields has noted.
    init(_ problem: JSONFieldProblem) {
        let words = "must be "
        let message = problem.message
        self.init(
            path: problem.path,
            expected: message.hasPrefix(words) ? String(message.dropFirst(words.count)) : message
        )
    }

    /// Both in one sentence.
    public var description: String { "\(path) must be \(expected)" }
}

/// The body of a request for a fit: the request, what is told of the model, and whether nodes are to be taken for devices.
public struct FitRequestDocument: Sendable {
    /// The request. Its devices are empty where nodes are meant.
    public var request: FitRequest
    /// What the body tells of the model; nil where it only names it.
    public var evidence: ModelEvidence?
    /// The GGUF file of the repository that is meant; nil where the body names none.
    public var file: String?
    /// Whether the body names an engine. Where it does not, the model's files decide.
    public var namesEngine = false
    /// The label selector of the nodes whose GPUs are meant; an empty string is all nodes, nil means the devices.
    public var nodeSelector: String?
    /// Whether the answer is to say how each figure came about.
    public var explains = true

    /// Reads a body. Docs/fit.md says what it holds.
    ///
    /// - Throws: the first thing that is wrong with it.
    public init(json: JSONValue) throws(FitRequestFailure) {
        request = FitRequest(model: "", devices: [])
        let fields = JSONFields(json)
        if fields.problems.isEmpty { read(fields) }
        if let problem = fields.problems.first { throw FitRequestFailure(problem) }
    }

    private mutating func read(_ fields: JSONFields) {
        readModel(fields)
        if let devices = fields.objects("devices", atMost: 64) {
            if devices.isEmpty { fields.report("devices", "must be an array of 1 to 64 devices") }
            request.devices = devices.map(Self.device)
        }
        for key in ["nodes", "or_nodes"] {
            if let nodes = fields.object(key) { nodeSelector = nodes.anyText("selector") ?? "" }
        }
        if let engine = fields.object("engine") { readEngine(engine) }
        if let workload = fields.object("workload") { request.workload = Self.workload(workload) }
        if let options = fields.object("options") { request.options = Self.options(options) }
        if let wishes = fields.object("return") {
            request.candidateLimit = wishes.integer("candidates", in: 1...64) ?? 5
            explains = wishes.flag("explain") ?? true
        }
    }

    private mutating func readEngine(_ fields: JSONFields) {
        if let name = fields.anyText("name") {
            if let engine = InferenceEngine(parsing: name) {
                request.engine = engine
                namesEngine = true
            } else {
                fields.report("name", "must be vllm, sglang, trtllm or llamacpp")
            }
        }
        if let version = fields.anyText("version") {
            request.engineVersion = EngineVersion(parsing: version)
            if request.engineVersion == nil { fields.report("version", "must be a version such as 0.33.0") }
        }
    }

    // MARK: The model

    private static let parameterCounts = 1...Int(1 << 50)

    private mutating func readModel(_ fields: JSONFields) {
        if let name = fields.value("model")?.stringValue, !name.isEmpty {
            request.model = name
            return
        }
        guard fields.value("model")?.objectValue != nil, let model = fields.object("model") else {
            fields.report("model", "must be a model's id, or an object with one")
            return
        }
        let counts = model.object("safetensors")
        let elements = counts.map(Self.elements) ?? [:]
        var parameters = model.integer("parameters", in: Self.parameterCounts)
        if parameters == nil, elements.isEmpty {
            parameters = counts?.integer("total", in: Self.parameterCounts)
        }
        let told = ModelEvidence(
            configuration: model.document("config"),
            quantization: model.document("hf_quant_config"),
            mistralParameters: model.document("params"),
            elementsByDtype: elements,
            parameterCount: parameters.map(Int64.init)
        )
        let isTold =
            told.configuration != nil || told.mistralParameters != nil || parameters != nil
            || !elements.isEmpty
        if isTold { evidence = told }
        request.model = model.anyText("id") ?? ""
        if !isTold, request.model.isEmpty { model.report("id", "must be a model's id") }
        request.revision = model.anyText("revision")
        file = model.anyText("file")
    }

    private static func elements(_ counts: JSONFields) -> [String: Int64] {
        var elements: [String: Int64] = [:]
        for member in counts.value("parameters")?.objectValue ?? JSONMembers() {
            guard let count = member.value.integerValue, count >= 0 else {
                counts.report("parameters.\(member.key)", "must be a number of elements")
                continue
            }
            elements[member.key] = count
        }
        return elements
    }

    // MARK: The GPUs and the workload

    private static func device(_ fields: JSONFields) -> FitDevice {
        let name = fields.anyText("product") ?? ""
        let memory = fields.integer("memory_mib", in: 1...(1 << 26))
        let visible = fields.number("visible_gib", in: 0.1...65_536).map(ByteCount.gibibytes)
        if name.isEmpty, memory == nil, visible == nil {
            fields.report("product", "must be a GPU's product, or its memory")
        }
        let count = fields.integer("count", in: 1...4096) ?? 1
        var device = FitDevice(named: name, count: count, memoryMiB: memory, visibleBytes: visible)
        if let profile = fields.anyText("mig_profile") {
            device.canCombine = false
            if let slice = MIGProfile(parsing: profile) {
                if visible == nil {
                    device.visibleBytes = device.product?.visibleBytes(of: slice) ?? device.visibleBytes
                }
            } else {
                fields.report("mig_profile", "must be a profile such as 3g.40gb")
            }
        }
        if let sharers = fields.integer("shared_by", in: 1...1024) {
            device.sharers = sharers
            if sharers > 1 { device.canCombine = false }
        }
        if let capability = fields.anyText("compute_capability") {
            device.capability = ComputeCapability(parsing: capability)
        }
        device.hasNVLink = fields.flag("nvlink") ?? device.hasNVLink
        return device
    }

    private static func workload(_ fields: JSONFields) -> FitWorkload {
        var workload = FitWorkload()
        workload.contextLength = fields.integer("max_model_len", in: 1...(1 << 31))
        workload.concurrency = fields.integer("concurrency", in: 1...1_000_000) ?? 1
        workload.maxSequences = fields.integer("max_num_seqs", in: 1...1_000_000)
        workload.maxBatchedTokens = fields.integer("max_num_batched_tokens", in: 1...(1 << 31))
        return workload
    }

    private static func options(_ fields: JSONFields) -> FitOptions {
        var options = FitOptions()
        let quantization = fields.anyText("quantization")
        options.quantization = ["auto", "none", ""].contains(quantization?.lowercased()) ? nil : quantization
        let dtype = fields.anyText("kv_cache_dtype")
        if let dtype, dtype.lowercased() != "auto" {
            options.keyValueDtype = dtype
            if KeyValueDtype(parsing: dtype) == nil {
                fields.report("kv_cache_dtype", "must be auto, fp8, bf16, q8_0, …")
            }
        }
        options.tensorParallel = fields.count("tensor_parallel")
        options.pipelineParallel = fields.count("pipeline_parallel")
        options.expertParallel = fields.flag("expert_parallel") ?? false
        options.memoryFraction = fields.number("memory_fraction", in: 0.01...1)
        options.cacheBytes = fields.integer("kv_cache_memory_bytes", in: 1...(1 << 50)).map(Int64.init)
        options.isEager = fields.flag("enforce_eager") ?? false
        options.usedBytes = fields.number("used_gib", in: 0...65_536).map(ByteCount.gibibytes) ?? 0
        options.adapterBytes = fields.number("lora_gib", in: 0...65_536).map(ByteCount.gibibytes) ?? 0
        return options
    }
}

extension JSONFields {
    /// A string, which may be empty.
    fileprivate func anyText(_ key: String) -> String? { text(key, "a string") { _ in true } }

    /// An object that is read elsewhere.
    fileprivate func document(_ key: String) -> JSONValue? { object(key).map { .object($0.members) } }

    /// A number of ranks or stages; nil where it is `auto`.
    fileprivate func count(_ key: String) -> Int? {
        value(key)?.stringValue == "auto" ? nil : integer(key, in: 1...4096)
    }
}
