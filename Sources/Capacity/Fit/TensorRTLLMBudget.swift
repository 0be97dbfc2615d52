/// TensorRT-LLM's accounting: the fraction is of what is free once the engine and its activations are there
/// (documentation, "Memory Usage of TensorRT-LLM").
enum TensorRTLLMBudget: EngineBudget {
    static func settings(
        _ request: FitRequest,
        _ profile: ModelProfile,
        _ device: FitDevice,
        _ parallelism: Parallelism,
        version: EngineVersion,
        length: Int
    ) -> EngineSettings {
        var policy = CachePool.Policy()
        policy.blockSize = 32
        let tokens = request.workload.maxBatchedTokens ?? 8192
        policy.tokensInFlight = tokens
        return EngineSettings(
            fraction: request.options.memoryFraction ?? 0.9,
            maxSequences: request.workload.maxSequences ?? 2048,
            maxBatchedTokens: tokens,
            policy: policy
        )
    }

    static func lines(_ attempt: ServingAttempt) -> [MemoryBudget.Line] {
        // NVIDIA's planner: 2 bytes × tokens × heads × head size × a factor that falls with the ranks, 70 MiB at least
        // (aiconfigurator, `trtllm_backend.py`).
        let ranks = attempt.parallelism.tensor
        let factor = ranks == 1 ? 10.0 : ranks == 2 ? 6 : 5
        let width = Double(max(attempt.profile.hiddenSize, 1))
        let activations = max(
            2 * Double(attempt.settings.maxBatchedTokens) * width * factor,
            70 * Double(ByteCount.mebibyte)
        )
        var lines: [MemoryBudget.Line] = [
            .init(
                .activations,
                activations,
                "\(attempt.settings.maxBatchedTokens) tokens × \(Int(width)) × \(Int(2 * factor)) B"
            ),
            .init(.runtime, gibibytes: 0.8, "CUDA context, cuBLAS, decoder buffers"),
        ]
        if attempt.parallelism.gpus > 1 {
            let mebibytes = attempt.parallelism.gpus > 2 ? 392.0 : 342
            lines.append(.init(.communication, mebibytes * Double(ByteCount.mebibyte), "NCCL"))
        }
        return lines
    }

    static func cache(_ attempt: ServingAttempt, weights: Int64, overhead: Int64) -> (
        budget: Int64, cache: Int64
    ) {
        let free = attempt.visible - weights - overhead
        guard free > 0 else { return (attempt.visible, free) }
        let cache = Int64(saturating: Double(free) * attempt.settings.fraction)
        return (weights + overhead + cache, cache)
    }

    static func assumptions(_ attempt: ServingAttempt) -> [String] {
        attempt.request.options.memoryFraction == nil ? ["free_gpu_memory_fraction 0.9"] : []
    }

    static func arguments(_ attempt: ServingAttempt) -> [String] {
        var arguments: [String] = []
        if attempt.parallelism.tensor > 1 { arguments += ["--tp_size", "\(attempt.parallelism.tensor)"] }
        if attempt.parallelism.pipeline > 1 { arguments += ["--pp_size", "\(attempt.parallelism.pipeline)"] }
        if attempt.parallelism.expert { arguments += ["--ep_size", "\(attempt.parallelism.tensor)"] }
        arguments += ["--max_seq_len", "\(attempt.length)"]
        if let fraction = attempt.request.options.memoryFraction {
            arguments += ["--kv_cache_free_gpu_memory_fraction", "\(fraction)"]
        }
        return arguments
    }
}
