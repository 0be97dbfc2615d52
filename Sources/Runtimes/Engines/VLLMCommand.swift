import Capacity

/// vLLM (vllm/engine/arg_utils.py and vllm/entrypoints/openai/cli_args.py of vLLM 0.11).
enum VLLMCommand: EngineCommand {
    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--served-model-name", spec.model.alias)
        command.add("--revision", spec.model.revision)
        let (tensor, pipeline) = spec.parallelism(of: group)
        command.add("--tensor-parallel-size", tensor)
        command.add("--pipeline-parallel-size", pipeline > 1 ? pipeline : nil)
        command.add("--max-model-len", spec.contextLength)
        command.add("--gpu-memory-utilization", spec.memoryFraction)
        command.add("--max-num-seqs", spec.maxSequences)
        command.add("--enforce-eager", if: spec.isEager)
        // It caches prefixes unless told not to.
        command.add(spec.cachesPrefixes ? "--enable-prefix-caching" : "--no-enable-prefix-caching", if: true)
        if let chunks = spec.chunksPrefill {
            command.add(chunks ? "--enable-chunked-prefill" : "--no-enable-chunked-prefill", if: true)
        }
        command.add("--trust-remote-code", if: spec.trustsRemoteCode)
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }
}
