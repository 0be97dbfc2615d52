import Capacity
import FitCalibration
import JSON
import Testing

/// Models and requests that several tests use.
enum FitFixture {
    /// The profile of a listed model.
    static func profile(
        _ id: String,
        quantization: JSONValue? = nil,
        changing changes: [String: JSONValue] = [:]
    ) throws -> ModelProfile {
        let models = try DataFile.json("models.json")["models"]?.arrayValue ?? []
        let entry = try #require(models.first { $0["id"]?.stringValue == id }, "\(id)")
        return try ModelProfile(
            listed: entry,
            quantization: quantization ?? entry["quantization_config"],
            changing: changes
        )
    }

    /// A request for GPUs of a product.
    static func request(_ product: String, count: Int = 1, context: Int? = nil) -> FitRequest {
        var request = FitRequest(model: "test", devices: [FitDevice(named: product, count: count)])
        request.workload.contextLength = context
        return request
    }

    /// The same for a given number of ranks.
    static func request(_ product: String, tensor: Int, context: Int? = nil) -> FitRequest {
        var request = request(product, count: tensor, context: context)
        request.options.tensorParallel = tensor
        return request
    }

    /// A small decoder with every knob in reach.
    static func configuration(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        var configuration: JSONValue = [
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 1024,
            "num_hidden_layers": 8,
            "num_attention_heads": 16, "num_key_value_heads": 4, "vocab_size": 32_000,
            "intermediate_size": 4096,
            "max_position_embeddings": 8192, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        ]
        for (key, value) in changes { configuration[key] = value }
        return configuration
    }
}
