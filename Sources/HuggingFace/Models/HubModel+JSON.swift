internal import JSON

extension HubModel {
    /// What of a model is asked for, each by its name: with `expand[]` the Hub gives what is named and nothing else.
    static let expandedFields = [
        "author", "config", "createdAt", "disabled", "downloads", "gated", "gguf", "lastModified",
        "library_name", "likes",
        "pipeline_tag", "private", "safetensors", "sha", "tags",
    ]

    /// Reads a model of a list or a model by itself; nil when it has no usable name. What is missing or has another type than the
    /// Hub's documentation says is taken for missing.
    init?(json: JSONValue) {
        // `modelId` is what old Hubs and some mirrors have.
        guard let text = json["id"]?.stringValue ?? json["modelId"]?.stringValue, let id = RepositoryID(text)
        else {
            return nil
        }
        self.init(id: id)
        commit = json["sha"]?.stringValue.flatMap { Revision($0) }.flatMap { $0.isCommit ? $0.text : nil }
        author = json["author"]?.stringValue
        gate = json["gated"].flatMap(Gate.init(json:))
        isPrivate = json["private"]?.boolValue
        isDisabled = json["disabled"]?.boolValue
        downloads = json["downloads"]?.integerValue
        likes = json["likes"]?.integerValue
        pipelineTag = json["pipeline_tag"]?.stringValue
        library = json["library_name"]?.stringValue
        tags = json["tags"]?.strings ?? []
        createdAt = json["createdAt"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        lastModified = json["lastModified"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        parameters = json["safetensors"].flatMap(Parameters.init(json:))
        gguf = json["gguf"].flatMap(GGUF.init(json:))
        configuration = json["config"].flatMap(Configuration.init(json:))
        fileNames = json["siblings"]?.arrayValue?.compactMap { $0["rfilename"]?.stringValue }
    }
}

extension HubModel.Gate {
    /// `false`, `"auto"` or `"manual"`; `true` is what some mirrors have.
    fileprivate init?(json: JSONValue) {
        switch json {
        case .bool(false): self = .open
        case .string("auto"): self = .automatic
        case .string("manual"), .bool(true): self = .manual
        default: return nil
        }
    }
}

extension HubModel.Parameters {
    fileprivate init?(json: JSONValue) {
        var byType: [String: Int64] = [:]
        for member in json["parameters"]?.objectValue ?? JSONMembers() {
            if let count = member.value.integerValue, count >= 0 { byType[member.key] = count }
        }
        let sum = byType.values.reduce((value: Int64(0), overflow: false)) { sum, count in
            let (value, overflow) = sum.value.addingReportingOverflow(count)
            return (value, sum.overflow || overflow)
        }
        let stated = json["total"]?.integerValue.flatMap { $0 > 0 ? $0 : nil }
        guard let total = stated ?? (byType.isEmpty || sum.overflow ? nil : sum.value) else { return nil }
        self.init(byType: byType, total: total)
    }
}

extension HubModel.GGUF {
    fileprivate init?(json: JSONValue) {
        guard json.objectValue != nil else { return nil }
        self.init(
            parameters: json["total"]?.integerValue,
            architecture: json["architecture"]?.stringValue,
            contextLength: json["context_length"]?.integerValue,
            fileSize: json["totalFileSize"]?.integerValue
        )
    }
}

extension HubModel.Configuration {
    fileprivate init?(json: JSONValue) {
        guard json.objectValue != nil else { return nil }
        self.init(
            architectures: json["architectures"]?.strings ?? [],
            modelType: json["model_type"]?.stringValue,
            quantization: json["quantization_config"].flatMap { $0.objectValue == nil ? nil : $0 }
        )
    }
}

extension JSONValue {
    /// The strings among the elements of an array.
    var strings: [String]? { arrayValue?.compactMap(\.stringValue) }
}
