import Capacity
import JSON

/// llama.cpp's server (tools/server/README.md of llama.cpp b10920).
enum LlamaCppCommand: EngineCommand {
    /// All layers of any model.
    private static let allLayers = 999

    /// Where the model comes from: a file on the node, a file on the Hub, or a repository that has one of the usual quantisation.
    static func source(_ model: ServedModel) -> [String] {
        if let path = model.path { return ["--model", path] }
        return ["--hf-repo", model.id] + (model.file.map { ["--hf-file", $0] } ?? [])
    }

    /// The context that it is told is shared by all slots, while the specification's is that of one request.
    ///
    /// It computes eagerly and reads prompts in pieces in any case, shares a model's layers among GPUs by itself, and runs no code
    /// that comes with a model: `enforceEager` and `trustRemoteCode` mean nothing to it.
    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--alias", spec.model.alias)
        let slots = spec.maxSequences ?? 1
        command.add(
            "--ctx-size",
            spec.contextLength.map { $0.multipliedReportingOverflow(by: slots) }?.partialValue
        )
        command.add("--parallel", spec.maxSequences)
        command.add("--n-gpu-layers", group.gpus > 0 ? allLayers : nil)
        // It caches prompts unless told not to.
        command.add("--no-cache-prompt", if: !spec.cachesPrefixes)
        command.add("--jinja", if: true)
        command.add("--metrics", if: true)
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }

    /// What it cannot do: a revision of a repository, a part of a GPU's memory, several nodes' pipelines, several names.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems: [JSONFieldProblem] = []
        func report(_ field: String, _ problem: String) {
            problems.append(JSONFieldProblem(field, "\(problem) with the engine llamacpp"))
        }
        if spec.model.revision != nil {
            report("revision", "must be left out: files come from the newest revision")
        }
        if spec.memoryFraction != nil { report("gpuMemoryUtilization", "must be left out") }
        if spec.chunksPrefill == false { report("enableChunkedPrefill", "must not be false") }
        if (spec.tensorParallel ?? 1) > 1 {
            report("tensorParallelSize", "must be left out: layers are shared")
        }
        if (spec.pipelineParallel ?? 1) > 1 {
            report("pipelineParallelSize", "must be left out: layers are shared")
        }
        if spec.model.alias.contains(",") { report("servedModelName", "must not have commas") }
        return problems
    }
}
