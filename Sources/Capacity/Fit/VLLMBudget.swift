/// vLLM's accounting, by version.
///
/// `cache = visible × fraction − weights − activations − rest [− CUDA graphs since 0.21]` (`v1/worker/gpu_worker.py`).
enum VLLMBudget: EngineBudget {
    /// CUDA graphs and their accounting changed, and the sampler stopped sorting (vLLM pull request 40376).
    private static let chargesGraphs = EngineVersion(0, 21)
    /// The figure printed as the cache's tokens became what requests of full length hold.
    private static let printsByLength = EngineVersion(0, 20)
    /// Layers that cache differently got blocks of their own.
    private static let groupsLayers = EngineVersion(0, 10)
    /// The second generation of the engine.
    private static let second = EngineVersion(0, 8)
    /// Two batches are in flight at once.
    private static let overlaps = EngineVersion(0, 26)

    static func settings(
        _ request: FitRequest,
        _ profile: ModelProfile,
        _ device: FitDevice,
        _ parallelism: Parallelism,
        version: EngineVersion,
        length: Int
    ) -> EngineSettings {
        // 0.90 for years and 0.92 in 0.33; in between it is not known when it changed, so the smaller one counts.
        let usual = version >= EngineVersion(0, 33) ? 0.92 : 0.90
        let (batch, sequences) = defaults(device, version: version)
        let tokens = request.workload.maxBatchedTokens ?? batch
        var policy = CachePool.Policy()
        policy.groupsLayers = version >= groupsLayers
        policy.printsByLength = version >= printsByLength
        policy.tokensInFlight =
            tokens.multipliedReportingOverflow(by: 2).overflow
            ? tokens : version >= overlaps ? 2 * tokens : tokens
        return EngineSettings(
            fraction: request.options.memoryFraction ?? usual,
            maxSequences: request.workload.maxSequences ?? sequences,
            maxBatchedTokens: tokens,
            policy: policy
        )
    }

    /// Tokens in a batch and sequences of the OpenAI server (`engine/arg_utils.py`, `get_batch_defaults`).
    private static func defaults(_ device: FitDevice, version: EngineVersion) -> (tokens: Int, sequences: Int)
    {
        let memory = device.visibleBytes ?? 0
        let isSmall =
            memory < 70 * ByteCount.gibibyte || device.name.contains("A100") || device.isUnifiedMemory
        if isSmall { return (2048, 256) }
        let tokens = memory >= 160 * ByteCount.gibibyte ? 16_384 : 8192
        return (tokens, version >= second ? 1024 : 256)
    }

    static func lines(_ attempt: ServingAttempt) -> [MemoryBudget.Line] {
        let settings = attempt.settings
        let block = Double(settings.maxBatchedTokens) * attempt.blockBytesPerToken
        // Sorting the logits takes 32 bytes for each: as computed, widened, sorted, their places, sums. Without sorting it is
        // 14: as computed, widened, probabilities, noise.
        let sorts = attempt.version < chargesGraphs || !attempt.isNVIDIA
        let cell = sorts ? 32.0 : 14.0
        let sampler = attempt.profile.role == .generation ? attempt.samplerBytes(perCell: cell) : 0
        var lines: [MemoryBudget.Line] = []
        if sampler > block {
            let count = min(settings.maxSequences, settings.maxBatchedTokens)
            lines.append(
                .init(
                    .activations,
                    sampler,
                    "sampler: \(count) sequences × \(attempt.profile.vocabularySize) × \(Int(cell)) B"
                )
            )
        } else {
            lines.append(.init(.activations, block, "one block on \(settings.maxBatchedTokens) tokens"))
        }
        lines.append(.init(.runtime, gibibytes: 0.30, "CUDA context, cuBLAS, workspaces"))
        if attempt.parallelism.gpus > 1 {
            lines.append(.init(.communication, gibibytes: 0.6, "NCCL, custom all-reduce"))
        }
        if attempt.parallelism.expert {
            lines.append(.init(.communication, gibibytes: 0.5, "all-to-all buffers"))
        }
        if attempt.version >= chargesGraphs, !attempt.request.options.isEager {
            lines.append(.init(.graphs, gibibytes: 1.0, "charged inside the fraction since 0.21"))
        }
        if attempt.profile.isMultimodal {
            lines.append(.init(.multimodal, gibibytes: 0.5, "encoder at its largest input"))
        }
        return lines
    }

    /// Until 0.10 the states of as many sequences as a batch may have were allocated while profiling.
    static func line(ofStates states: Int64, _ attempt: ServingAttempt) -> MemoryBudget.Line? {
        guard states > 0, attempt.version < EngineVersion(0, 11) else { return nil }
        return .init(
            code: .states,
            bytes: states.multipliedSaturated(by: Int64(attempt.settings.maxSequences)),
            note: "states of \(attempt.settings.maxSequences) sequences up front"
        )
    }

    static func cache(_ attempt: ServingAttempt, weights: Int64, overhead: Int64) -> (
        budget: Int64, cache: Int64
    ) {
        let budget = Int64(saturating: Double(attempt.visible) * attempt.settings.fraction)
        if let fixed = attempt.request.options.cacheBytes {
            // The cache's size goes before the fraction; it must still be there.
            let free = attempt.visible - weights - overhead
            return (attempt.visible, min(fixed, free))
        }
        return (budget, budget - weights - overhead)
    }

    static func assumptions(_ attempt: ServingAttempt) -> [String] {
        let (request, settings) = (attempt.request, attempt.settings)
        var assumptions: [String] = []
        if request.options.memoryFraction == nil {
            assumptions.append("gpu_memory_utilization \(settings.fraction)")
        }
        if request.workload.maxBatchedTokens == nil {
            assumptions.append("max_num_batched_tokens \(settings.maxBatchedTokens)")
        }
        if request.workload.maxSequences == nil {
            assumptions.append("max_num_seqs \(settings.maxSequences)")
        }
        if attempt.version >= second, !request.options.isEager {
            assumptions.append("compiled before: a first start may take up to 2 GiB more while it compiles")
        }
        if attempt.profile.isMultimodal {
            assumptions.append(
                "limit_mm_per_prompt one image: more of them, or videos, take up to several GiB"
            )
        }
        return assumptions
    }

    static func arguments(_ attempt: ServingAttempt) -> [String] {
        var arguments: [String] = []
        let options = attempt.request.options
        if attempt.parallelism.tensor > 1 {
            arguments += ["--tensor-parallel-size", "\(attempt.parallelism.tensor)"]
        }
        if attempt.parallelism.pipeline > 1 {
            arguments += ["--pipeline-parallel-size", "\(attempt.parallelism.pipeline)"]
        }
        if attempt.parallelism.expert { arguments.append("--enable-expert-parallel") }
        arguments += ["--max-model-len", "\(attempt.length)"]
        if let fraction = options.memoryFraction { arguments += ["--gpu-memory-utilization", "\(fraction)"] }
        if let dtype = options.keyValueDtype { arguments += ["--kv-cache-dtype", dtype] }
        if let sequences = attempt.request.workload.maxSequences {
            arguments += ["--max-num-seqs", "\(sequences)"]
        }
        if let tokens = attempt.request.workload.maxBatchedTokens {
            arguments += ["--max-num-batched-tokens", "\(tokens)"]
        }
        if let quantization = options.quantization, GGUFMixture(parsing: quantization) == nil {
            arguments += ["--quantization", quantization]
        }
        if options.isEager { arguments.append("--enforce-eager") }
        if attempt.needsHalf { arguments += ["--dtype", "half"] }
        return arguments
    }
}

extension ServingAttempt {
    /// Whether the device computes in 16-bit floats of IEEE's kind only, so that a bfloat16 checkpoint is to be converted.
    var needsHalf: Bool {
        guard let capability = device.capability, capability < ComputeCapability(8, 0) else { return false }
        return profile.dtype != "float16"
    }
}
