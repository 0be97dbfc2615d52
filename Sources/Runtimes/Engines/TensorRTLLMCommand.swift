import Capacity
import JSON

/// `trtllm-serve` (tensorrt_llm/commands/serve.py of TensorRT-LLM 1.2), whose options are spelled with underscores.
enum TensorRTLLMCommand: EngineCommand {
    /// What has no option is among `settings`.
    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--backend", "pytorch")
        command.add("--revision", spec.model.revision)
        let (tensor, pipeline) = spec.parallelism(of: group)
        command.add("--tensor_parallel_size", tensor)
        command.add("--pipeline_parallel_size", pipeline > 1 ? pipeline : nil)
        command.add("--max_seq_len", spec.contextLength)
        command.add("--max_batch_size", spec.maxSequences)
        command.add("--enable_chunked_prefill", if: spec.chunksPrefill == true)
        command.add("--trust_remote_code", if: spec.trustsRemoteCode)
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }

    /// What goes into the engine's configuration (tensorrt_llm/llmapi/llm_args.py), which it reads from a YAML file. CUDA graphs are
    /// on unless their configuration is null, and blocks are reused unless told not to.
    static func settings(_ spec: DeploymentSpec) -> JSONValue {
        var cache: JSONValue = ["enable_block_reuse": .bool(spec.cachesPrefixes)]
        // The cache's configuration takes the place of the one that the option for the fraction would make.
        cache["free_gpu_memory_fraction"] = spec.memoryFraction.map(JSONValue.number)
        var settings: JSONValue = ["kv_cache_config": cache]
        if spec.isEager { settings["cuda_graph_config"] = .null }
        return settings
    }

    /// `trtllm-serve` names a model as it is on the Hub.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        guard let name = spec.model.servedName, name != spec.model.id else { return [] }
        return [
            JSONFieldProblem(
                "servedModelName",
                "must be left out or \(spec.model.id) with the engine trtllm, which has no other name for a model"
            )
        ]
    }
}
