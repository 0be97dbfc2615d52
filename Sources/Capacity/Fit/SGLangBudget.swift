/// SGLang's accounting.
///
/// `cache = free after loading − free before loading × (1 − mem_fraction_static)` (`mem_cache`, `model_runner.py`): the static
/// fraction covers weights and cache, what is beside it is for activations and graphs.
enum SGLangBudget: EngineBudget {
    /// What the driver's context takes before anything is loaded.
    private static let context = ByteCount.gibibytes(0.45)

    static func settings(
        _ request: FitRequest,
        _ profile: ModelProfile,
        _ device: FitDevice,
        _ parallelism: Parallelism,
        version: EngineVersion,
        length: Int
    ) -> EngineSettings {
        let memory = (device.visibleBytes ?? 0).gibibytes
        let chunk =
            request.workload.maxBatchedTokens
            ?? (memory < 20 ? 2048 : memory < 60 ? 4096 : memory < 160 ? 8192 : 16_384)
        let usual =
            version < EngineVersion(0, 5)
            ? earlierFraction(ranks: parallelism.tensor)
            : fraction(memory, chunk: chunk, gpus: parallelism.gpus)
        var policy = CachePool.Policy()
        policy.blockSize = 1
        policy.tokensInFlight = chunk
        // Windowed layers have 0.8 tokens for each one of the others'; recurrent states 0.9 of what the cache has.
        policy.division = .pools(
            states: profile.hasStates ? 0.9 / 1.9 : 0,
            windows: profile.hasWindows ? 0.8 : 1
        )
        return EngineSettings(
            fraction: request.options.memoryFraction ?? usual,
            maxSequences: request.workload.maxSequences ?? 256,
            maxBatchedTokens: chunk,
            policy: policy
        )
    }

    /// The default fraction until 0.4 (`server_args.py`).
    private static func earlierFraction(ranks: Int) -> Double {
        switch ranks {
        case 16...: 0.79
        case 8...: 0.81
        case 4...: 0.85
        case 2...: 0.87
        default: 0.88
        }
    }

    /// The default fraction (`server_args.py`).
    private static func fraction(_ gibibytes: Double, chunk: Int, gpus: Int) -> Double {
        let total = max(1, gibibytes * 1024)
        let graphBatch =
            gibibytes < 20 ? 8 : gibibytes < 35 ? 48 : gibibytes < 60 ? 32 : gibibytes < 160 ? 256 : 512
        var reserved = 512 + 1.5 * Double(max(chunk, 2048)) + 128 * Double(gpus) + 2 * Double(graphBatch)
        if gibibytes > 60 { reserved = max(reserved, 10 * 1024) }
        return max(0.1, ((total - reserved) / total * 1000).rounded() / 1000)
    }

    static func lines(_ attempt: ServingAttempt) -> [MemoryBudget.Line] {
        [
            .init(
                code: .runtime,
                bytes: context,
                note: "CUDA context; activations and graphs are beside the static fraction"
            )
        ]
    }

    static func cache(_ attempt: ServingAttempt, weights: Int64, overhead: Int64) -> (
        budget: Int64, cache: Int64
    ) {
        let before = attempt.visible - overhead
        let reserved = Int64(saturating: Double(before) * (1 - attempt.settings.fraction))
        return (before - reserved, before - weights - reserved)
    }

    static func assumptions(_ attempt: ServingAttempt) -> [String] {
        let (request, settings) = (attempt.request, attempt.settings)
        var assumptions: [String] = []
        if request.workload.maxBatchedTokens == nil {
            assumptions.append("chunked_prefill_size \(settings.maxBatchedTokens)")
        }
        if request.options.memoryFraction == nil {
            assumptions.append("mem_fraction_static \((settings.fraction * 1000).rounded() / 1000)")
        }
        return assumptions
    }

    static func arguments(_ attempt: ServingAttempt) -> [String] {
        var arguments: [String] = []
        if attempt.parallelism.tensor > 1 { arguments += ["--tp-size", "\(attempt.parallelism.tensor)"] }
        if attempt.parallelism.pipeline > 1 { arguments += ["--pp-size", "\(attempt.parallelism.pipeline)"] }
        if attempt.parallelism.expert { arguments += ["--ep-size", "\(attempt.parallelism.tensor)"] }
        arguments += ["--context-length", "\(attempt.length)"]
        if let fraction = attempt.request.options.memoryFraction {
            arguments += ["--mem-fraction-static", "\(fraction)"]
        }
        if let dtype = attempt.request.options.keyValueDtype { arguments += ["--kv-cache-dtype", dtype] }
        if let quantization = attempt.request.options.quantization {
            arguments += ["--quantization", quantization]
        }
        if attempt.request.options.isEager { arguments.append("--disable-cuda-graph") }
        return arguments
    }
}

extension ModelProfile {
    /// Whether some layers read a window only, and others everything.
    var hasWindows: Bool {
        let spans = mixerKinds.compactMap { kind -> AttentionSpan? in
            if case .heads(let attention) = kind { attention.span } else { nil }
        }
        return spans.contains { $0 != .all }
    }

    /// Whether some layers keep a state for each sequence.
    var hasStates: Bool {
        mixerKinds.contains { kind in
            switch kind {
            case .recurrent, .parallel: true
            default: false
            }
        }
    }
}
