import Capacity
import JSON

/// `python3 -m dynamo.trtllm` (components/src/dynamo/trtllm/backend_args.py of Dynamo 1.3): few options of its own, and one with all
/// others of the engine as JSON (tensorrt_llm/llmapi/llm_args.py).
enum DynamoTensorRTLLMCommand: EngineCommand {
    /// The option with the engine's other arguments.
    static let overrides = "override-engine-args"

    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--served-model-name", spec.model.alias)
        let (tensor, pipeline) = spec.parallelism(of: group)
        command.add("--tensor-parallel-size", tensor)
        command.add("--pipeline-parallel-size", pipeline > 1 ? pipeline : nil)
        command.add("--max-seq-len", spec.contextLength)
        command.add("--free-gpu-memory-fraction", spec.memoryFraction)
        command.add("--max-batch-size", spec.maxSequences)
        command.add("--publish-events-and-metrics", if: spec.router == .keyValueAware)
        command.add("--\(overrides)", engine(spec, group).description)
        var rest = spec.engineArguments
        for key in rest.keys where key.replacing("_", with: "-") == overrides { rest[key] = nil }
        command.add(rest)
        return command.words + spec.extraArguments
    }

    /// The engine's arguments that have no option, with those of the specification over them.
    private static func engine(_ spec: DeploymentSpec, _ group: WorkerGroup) -> JSONValue {
        var arguments: JSONValue = [:]
        if spec.isEager { arguments["cuda_graph_config"] = .null }
        var cache: JSONValue = ["enable_block_reuse": .bool(spec.cachesPrefixes)]
        // The object takes the place of the one that the option makes.
        cache["free_gpu_memory_fraction"] = spec.memoryFraction.map(JSONValue.number)
        arguments["kv_cache_config"] = cache
        arguments["enable_chunked_prefill"] = spec.chunksPrefill.map(JSONValue.bool)
        if spec.trustsRemoteCode { arguments["trust_remote_code"] = true }
        if group.role != .whole { arguments["cache_transceiver_config"] = ["backend": "DEFAULT"] }
        // It is not supported where nothing is decoded.
        if group.role == .prefill { arguments["disable_overlap_scheduler"] = true }
        for argument in spec.engineArguments where argument.key.replacing("_", with: "-") == overrides {
            for member in argument.value.objectValue ?? JSONMembers() {
                arguments[member.key] = member.value
            }
        }
        return arguments
    }
}
