import Capacity
import JSON

/// KServe's Hugging Face server with vLLM behind it (kserve/kserve v0.20, python/huggingfaceserver/huggingfaceserver/__main__.py).
///
/// It reads its own options with underscores, and those of vLLM exactly as vLLM spells them: it drops what it does not know, where
/// vLLM alone would complain.
enum HuggingFaceServerCommand: EngineCommand {
    /// vLLM's options that the server has under names of its own.
    private static let ownNames = [
        "revision": "model_revision", "max-model-len": "max_model_len",
        "trust-remote-code": "trust_remote_code",
    ]

    static func options(_ spec: DeploymentSpec, _ group: WorkerGroup) -> [String] {
        var command = CommandWords()
        command.add("--model_name", spec.model.alias)
        command.add("--model_id", spec.model.id)
        command.add("--backend", "vllm")
        for setting in VLLMCommand.settings(spec, group) {
            let name = ownNames[setting.key] ?? setting.key
            switch setting.value {
            case .bool(let isOn): command.add("--\(isOn ? "" : "no-")\(name)", if: true)
            default: command.add("--\(name)", CommandWords.text(setting.value))
            }
        }
        command.add(spec.engineArguments)
        return command.words + spec.extraArguments
    }

    /// It takes all GPUs that it finds for tensor parallelism, whatever it is told (vllm/vllm_model.py).
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems: [JSONFieldProblem] = []
        if (spec.pipelineParallel ?? 1) > 1 {
            problems.append(
                JSONFieldProblem("pipelineParallelSize", "must be 1 or left out with the provider kserve")
            )
        }
        if let tensor = spec.tensorParallel, tensor != spec.workers.gpus, spec.workers.gpus > 0 {
            problems.append(
                JSONFieldProblem(
                    "tensorParallelSize",
                    "must be resources.gpu, \(spec.workers.gpus), or left out with the provider kserve"
                )
            )
        }
        if spec.model.path != nil {
            problems.append(
                JSONFieldProblem(
                    "modelPath",
                    "must be left out with the provider kserve, which loads from the Hub"
                )
            )
        }
        return problems
    }
}
