internal import Capacity
internal import JSON

extension CatalogModel {
    /// Reads an entry; nil unless it has everything.
    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue, let name = json["name"]?.stringValue,
            let summary = json["description"]?.stringValue, let size = json["size"]?.stringValue,
            let task = json["task"]?.stringValue, let contextLength = json["contextLength"]?.integerValue,
            let engines = json["supportedEngines"]?.arrayValue,
            let memory = json["minGpuMemoryGb"]?.integerValue, let gpus = json["minGpus"]?.integerValue,
            let isGated = json["gated"]?.boolValue, let architecture = json["architecture"]?.stringValue,
            let configuration = json["config"], configuration.objectValue != nil
        else { return nil }
        self.id = id
        self.name = name
        self.summary = summary
        self.size = size
        self.task = task
        self.contextLength = Int(clamping: contextLength)
        self.engines = engines.compactMap { $0.stringValue.flatMap { InferenceEngine(rawValue: $0) } }
        minimumMemoryGB = Int(clamping: memory)
        minimumGPUs = Int(clamping: gpus)
        self.isGated = isGated
        parameters = json["parameterCount"]?.integerValue
        self.architecture = architecture
        quantization = json["quantization"]?.stringValue
        license = json["license"]?.stringValue
        self.configuration = configuration
        guard self.engines.count == engines.count else { return nil }
    }
}
