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

    /// Its own options (also python/kserve/kserve/model_server.py) that engine arguments may have.
    private static let ownOptions: Set<String> = [
        "access_log_format", "configure_logging", "disable_log_requests", "disable_lower_case",
        "disable_special_tokens", "enable_docs_url", "enable_grpc", "enable_latency_logging", "grpc_port",
        "log_config_file", "max_asyncio_workers", "max_log_len", "max_threads", "model_dir",
        "return_offsets_mapping", "return_probabilities", "return_raw_logits", "return_token_type_ids",
        "tensor_input_names", "tokenizer_revision",
    ]

    /// An option as it is known: vLLM alone takes underscores for hyphens.
    private static func spelled(_ option: String) -> String {
        let own = option.replacing("-", with: "_")
        return ownOptions.contains(own) ? own : option.replacing("_", with: "-")
    }

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
        var arguments = JSONMembers()
        for argument in spec.engineArguments { arguments[spelled(argument.key)] = argument.value }
        command.add(arguments)
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
