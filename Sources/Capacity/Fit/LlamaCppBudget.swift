/// llama.cpp's accounting with all layers on the GPU: model, cache, compute buffer, the backend's own.
enum LlamaCppBudget: EngineBudget {
    /// Tokens that are computed at once, `--ubatch-size`.
    private static let microBatch = 512

    static func settings(
        _ request: FitRequest,
        _ profile: ModelProfile,
        _ device: FitDevice,
        _ parallelism: Parallelism,
        version: EngineVersion,
        length: Int
    ) -> EngineSettings {
        let sequences = request.workload.maxSequences ?? max(1, request.workload.concurrency)
        var policy = CachePool.Policy()
        // Windowed layers have the window and one batch.
        policy.division = .buffers(sequences: sequences)
        policy.tokensInFlight = microBatch
        return EngineSettings(
            fraction: request.options.memoryFraction ?? 1,
            maxSequences: sequences,
            maxBatchedTokens: microBatch,
            policy: policy
        )
    }

    static func lines(_ attempt: ServingAttempt) -> [MemoryBudget.Line] {
        // Logits in 32 bits, the mask in 16, and the widest of the results between layers.
        let batch = Double(microBatch)
        let mask = 2 * batch * Double(attempt.length)
        let logits = 4 * batch * Double(attempt.profile.vocabularySize)
        let block = 4 * batch * Double(3 * attempt.profile.hiddenSize + 2 * attempt.profile.intermediateSize)
        return [
            .init(
                .activations,
                mask + logits + block,
                "compute buffer: logits, mask, one block on \(microBatch) tokens"
            ),
            .init(.runtime, 250 * Double(ByteCount.mebibyte), "the backend's own (gguf-parser's figure)"),
        ]
    }

    static func cache(_ attempt: ServingAttempt, weights: Int64, overhead: Int64) -> (
        budget: Int64, cache: Int64
    ) {
        let budget = Int64(saturating: Double(attempt.visible) * attempt.settings.fraction)
        return (budget, budget - weights - overhead)
    }

    static func assumptions(_ attempt: ServingAttempt) -> [String] {
        ["all layers on the GPU", "--ubatch-size \(microBatch)"]
    }

    static func arguments(_ attempt: ServingAttempt) -> [String] {
        let sequences = attempt.settings.maxSequences
        let all = attempt.length.multipliedReportingOverflow(by: sequences)
        var arguments = [
            "--n-gpu-layers", "999", "--ctx-size", "\(all.overflow ? attempt.length : all.partialValue)",
        ]
        if sequences > 1 { arguments += ["--parallel", "\(sequences)"] }
        if let dtype = attempt.request.options.keyValueDtype {
            arguments += ["--cache-type-k", dtype, "--cache-type-v", dtype]
        }
        if attempt.parallelism.gpus > 1 { arguments += ["--split-mode", "layer"] }
        return arguments
    }
}
