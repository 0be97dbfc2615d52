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
        guard json.objectValue != nil else {
            throw FitRequestFailure(path: "the body", expected: "an object")
        }
        let reader = FitDocumentReader(object: json, path: "")
        let (model, revision, evidence) = try Self.model(json["model"])
        self.evidence = evidence
        if json["model"]?.objectValue != nil { file = try reader.object("model")?.string("file") }
        var devices: [FitDevice] = []
        if let listed = json["devices"], !listed.isNull {
            guard let elements = listed.arrayValue, (1...64).contains(elements.count) else {
                throw FitRequestFailure(path: "devices", expected: "an array of 1 to 64 devices")
            }
            for (index, element) in elements.enumerated() {
                devices.append(try Self.device(FitDocumentReader(object: element, path: "devices[\(index)]")))
            }
        }
        request = FitRequest(model: model, devices: devices)
        request.revision = revision
        for key in ["nodes", "or_nodes"] {
            if let nodes = try reader.object(key) { nodeSelector = try nodes.string("selector") ?? "" }
        }
        if let engine = try reader.object("engine") {
            if let name = try engine.string("name") {
                guard let parsed = InferenceEngine(parsing: name) else {
                    throw FitRequestFailure(path: "engine.name", expected: "vllm, sglang, trtllm or llamacpp")
                }
                request.engine = parsed
                namesEngine = true
            }
            if let version = try engine.string("version") {
                guard let parsed = EngineVersion(parsing: version) else {
                    throw FitRequestFailure(path: "engine.version", expected: "a version such as 0.33.0")
                }
                request.engineVersion = parsed
            }
        }
        if let workload = try reader.object("workload") { request.workload = try Self.workload(workload) }
        if let options = try reader.object("options") { request.options = try Self.options(options) }
        if let wishes = try reader.object("return") {
            request.candidateLimit = try wishes.integer("candidates", 1...64) ?? 5
            explains = try wishes.boolean("explain") ?? true
        }
    }

    private static func model(_ value: JSONValue?) throws(FitRequestFailure) -> (
        String, String?, ModelEvidence?
    ) {
        if let name = value?.stringValue, !name.isEmpty { return (name, nil, nil) }
        guard let value, value.objectValue != nil else {
            throw FitRequestFailure(path: "model", expected: "a model's id, or an object with one")
        }
        let reader = FitDocumentReader(object: value, path: "model")
        let counts = try reader.object("safetensors")
        var elements: [String: Int64] = [:]
        for member in counts?.object["parameters"]?.objectValue ?? JSONMembers() {
            guard let count = member.value.integerValue, count >= 0 else {
                throw FitRequestFailure(
                    path: "model.safetensors.parameters.\(member.key)",
                    expected: "a number of elements"
                )
            }
            elements[member.key] = count
        }
        var parameters = try reader.integer("parameters", 1...Int(1 << 50)).map(Int64.init)
        if parameters == nil, elements.isEmpty {
            parameters = try counts?.integer("total", 1...Int(1 << 50)).map(Int64.init)
        }
        let configuration = try reader.object("config")?.object
        let isTold =
            configuration != nil || parameters != nil || !elements.isEmpty
            || value["params"]?.objectValue != nil
        let evidence = ModelEvidence(
            configuration: configuration,
            quantization: try reader.object("hf_quant_config")?.object,
            mistralParameters: try reader.object("params")?.object,
            elementsByDtype: elements,
            parameterCount: parameters
        )
        let name = try reader.string("id") ?? ""
        guard isTold || !name.isEmpty else {
            throw FitRequestFailure(path: "model.id", expected: "a model's id")
        }
        return (name, try reader.string("revision"), isTold ? evidence : nil)
    }

    private static func device(_ reader: FitDocumentReader) throws(FitRequestFailure) -> FitDevice {
        guard reader.object.objectValue != nil else {
            throw FitRequestFailure(path: reader.path, expected: "an object")
        }
        let name = try reader.string("product") ?? ""
        let memory = try reader.integer("memory_mib", 1...(1 << 26))
        let visible = try reader.number("visible_gib", 0.1...65_536).map(ByteCount.gibibytes)
        guard !name.isEmpty || memory != nil || visible != nil else {
            throw FitRequestFailure(
                path: "\(reader.path).product",
                expected: "a GPU's product, or its memory"
            )
        }
        let count = try reader.integer("count", 1...4096) ?? 1
        var device = FitDevice(named: name, count: count, memoryMiB: memory, visibleBytes: visible)
        if let profile = try reader.string("mig_profile") {
            guard let slice = MIGProfile(parsing: profile) else {
                throw FitRequestFailure(
                    path: "\(reader.path).mig_profile",
                    expected: "a profile such as 3g.40gb"
                )
            }
            device.canCombine = false
            if visible == nil {
                device.visibleBytes = device.product?.visibleBytes(of: slice) ?? device.visibleBytes
            }
        }
        if let sharers = try reader.integer("shared_by", 1...1024) {
            device.sharers = sharers
            if sharers > 1 { device.canCombine = false }
        }
        if let capability = try reader.string("compute_capability") {
            device.capability = ComputeCapability(parsing: capability)
        }
        device.hasNVLink = try reader.boolean("nvlink") ?? device.hasNVLink
        return device
    }

    private static func workload(_ reader: FitDocumentReader) throws(FitRequestFailure) -> FitWorkload {
        var workload = FitWorkload()
        workload.contextLength = try reader.integer("max_model_len", 1...(1 << 31))
        workload.concurrency = try reader.integer("concurrency", 1...1_000_000) ?? 1
        workload.maxSequences = try reader.integer("max_num_seqs", 1...1_000_000)
        workload.maxBatchedTokens = try reader.integer("max_num_batched_tokens", 1...(1 << 31))
        return workload
    }

    private static func options(_ reader: FitDocumentReader) throws(FitRequestFailure) -> FitOptions {
        var options = FitOptions()
        let quantization = try reader.string("quantization")
        options.quantization = ["auto", "none", ""].contains(quantization?.lowercased()) ? nil : quantization
        let dtype = try reader.string("kv_cache_dtype")
        if let dtype, dtype.lowercased() != "auto" {
            guard KeyValueDtype(parsing: dtype) != nil else {
                throw FitRequestFailure(path: "options.kv_cache_dtype", expected: "auto, fp8, bf16, q8_0, …")
            }
            options.keyValueDtype = dtype
        }
        options.tensorParallel = try reader.integer("tensor_parallel", 1...4096, orAuto: true)
        options.pipelineParallel = try reader.integer("pipeline_parallel", 1...4096, orAuto: true)
        options.expertParallel = try reader.boolean("expert_parallel") ?? false
        options.memoryFraction = try reader.number("memory_fraction", 0.01...1)
        options.cacheBytes = try reader.integer("kv_cache_memory_bytes", 1...(1 << 50)).map(Int64.init)
        options.isEager = try reader.boolean("enforce_eager") ?? false
        options.usedBytes = try reader.number("used_gib", 0...65_536).map(ByteCount.gibibytes) ?? 0
        options.adapterBytes = try reader.number("lora_gib", 0...65_536).map(ByteCount.gibibytes) ?? 0
        return options
    }
}

/// Members of an object by kind, with the path for what is wrong.
private struct FitDocumentReader {
    let object: JSONValue
    let path: String

    private func at(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func value(_ key: String) -> JSONValue? {
        object[key].flatMap { $0.isNull ? nil : $0 }
    }

    func object(_ key: String) throws(FitRequestFailure) -> FitDocumentReader? {
        guard let value = value(key) else { return nil }
        guard value.objectValue != nil else { throw FitRequestFailure(path: at(key), expected: "an object") }
        return FitDocumentReader(object: value, path: at(key))
    }

    func string(_ key: String) throws(FitRequestFailure) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue else {
            throw FitRequestFailure(path: at(key), expected: "a string")
        }
        return text
    }

    func boolean(_ key: String) throws(FitRequestFailure) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.boolValue else {
            throw FitRequestFailure(path: at(key), expected: "a boolean")
        }
        return flag
    }

    func integer(_ key: String, _ range: ClosedRange<Int>, orAuto: Bool = false) throws(FitRequestFailure)
        -> Int?
    {
        guard let value = value(key) else { return nil }
        if orAuto, value.stringValue == "auto" { return nil }
        guard let number = value.integerValue.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw FitRequestFailure(
                path: at(key),
                expected: "an integer from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    func number(_ key: String, _ range: ClosedRange<Double>) throws(FitRequestFailure) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.doubleValue, range.contains(number) else {
            throw FitRequestFailure(
                path: at(key),
                expected: "a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }
}
