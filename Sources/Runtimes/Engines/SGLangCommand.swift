import Capacity
import JSON

/// SGLang (sglang/srt/server_args.py and sglang/srt/arg_groups of SGLang 0.5.23).
enum SGLangCommand: EngineCommand {
    /// Its newest versions call `--disable-cuda-graph` old, and name `--cuda-graph-backend-decode` and `-prefill` in its place; all
    /// versions take it. It reads long prompts in pieces unless the pieces' size is -1.
    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--served-model-name", spec.model.alias)
        command.add("--revision", spec.model.revision)
        let (tensor, pipeline) = spec.parallelism(of: group)
        command.add("--tp-size", tensor)
        command.add("--pp-size", pipeline > 1 ? pipeline : nil)
        command.add("--context-length", spec.contextLength)
        command.add("--mem-fraction-static", spec.memoryFraction)
        command.add("--max-running-requests", spec.maxSequences)
        command.add("--disable-cuda-graph", if: spec.isEager)
        command.add("--disable-radix-cache", if: !spec.cachesPrefixes)
        command.add("--chunked-prefill-size", spec.chunksPrefill == false ? -1 : nil)
        command.add("--trust-remote-code", if: spec.trustsRemoteCode)
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }
}
