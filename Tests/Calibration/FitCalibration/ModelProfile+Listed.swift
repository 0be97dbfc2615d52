public import Capacity
public import JSON

extension ModelProfile {
    /// The profile of an entry of the list of published models.
    ///
    /// - Parameters:
    ///   - entry: the entry.
    ///   - quantization: what the checkpoint says of its quantisation; nil where it says nothing.
    ///   - changes: members of the configuration that are to be others. The published count of parameters does not hold then.
    /// - Throws: what reading a configuration throws.
    public init(
        listed entry: JSONValue,
        quantization: JSONValue?,
        changing changes: [String: JSONValue] = [:]
    ) throws {
        var configuration = entry["config"] ?? .null
        configuration["architectures"] = entry["architectures"]
        configuration["model_type"] = entry["model_type"]
        configuration["dtype"] = entry["torch_dtype"]
        if configuration["head_dim_derived"]?.boolValue == true { configuration["head_dim"] = nil }
        if let quantization { configuration["quantization_config"] = quantization }
        // The list has no encoders' configurations; that there is one it tells.
        if entry["multimodal"]?.boolValue == true {
            configuration["vision_config"] = ["model_type": "unknown"]
        }
        for (key, value) in changes { configuration[key] = value }
        try self.init(
            ModelEvidence(
                configuration: configuration,
                parameterCount: changes.isEmpty ? entry["params_total"]?.integerValue : nil
            )
        )
    }
}
