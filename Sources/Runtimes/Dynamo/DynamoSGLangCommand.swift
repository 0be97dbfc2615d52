import Capacity
import JSON

/// `python3 -m dynamo.sglang`, which takes SGLang's own options (python/sglang/srt/server_args.py of SGLang 0.5) and Dynamo's.
enum DynamoSGLangCommand: EngineCommand {
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
        // It caches prefixes unless told not to.
        command.add("--disable-radix-cache", if: !spec.cachesPrefixes)
        // It reads long prompts in pieces unless told not to.
        if spec.chunksPrefill == false { command.add("--chunked-prefill-size", -1) }
        command.add("--trust-remote-code", if: spec.trustsRemoteCode)
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }
}
