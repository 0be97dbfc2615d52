import Capacity
import JSON

/// vLLM (vllm/engine/arg_utils.py and vllm/entrypoints/openai/cli_args.py of vLLM 0.33). Every flag of its configuration can be
/// negated by `--no-`.
enum VLLMCommand: EngineCommand {
    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--served-model-name", spec.model.alias)
        for setting in settings(spec, group) {
            switch setting.value {
            case .bool(let isOn): command.add("--\(isOn ? "" : "no-")\(setting.key)", if: true)
            default: command.add("--\(setting.key)", CommandWords.text(setting.value))
            }
        }
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }

    /// What the specification's fields say, by the options' names. The same names with underscores are the arguments of its engine
    /// in Python, which Ray Serve passes on as `engine_kwargs`.
    static func settings(_ spec: DeploymentSpec, _ group: WorkerGroup) -> JSONMembers {
        var settings = JSONMembers()
        settings["revision"] = spec.model.revision.map(JSONValue.string)
        let (tensor, pipeline) = spec.parallelism(of: group)
        settings["tensor-parallel-size"] = .integer(Int64(tensor))
        if pipeline > 1 { settings["pipeline-parallel-size"] = .integer(Int64(pipeline)) }
        settings["max-model-len"] = spec.contextLength.map { .integer(Int64($0)) }
        settings["gpu-memory-utilization"] = spec.memoryFraction.map(JSONValue.number)
        settings["max-num-seqs"] = spec.maxSequences.map { .integer(Int64($0)) }
        if spec.isEager { settings["enforce-eager"] = true }
        // It caches prefixes unless told not to.
        settings["enable-prefix-caching"] = .bool(spec.cachesPrefixes)
        settings["enable-chunked-prefill"] = spec.chunksPrefill.map(JSONValue.bool)
        if spec.trustsRemoteCode { settings["trust-remote-code"] = true }
        return settings
    }
}
