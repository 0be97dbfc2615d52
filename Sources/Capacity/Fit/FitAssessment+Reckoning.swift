extension FitAssessment {
    /// Reckons the memory of a GPU of one stage.
    func reckon(
        _ attempt: ServingAttempt,
        _ engine: any EngineBudget.Type,
        _ stage: Range<Int>,
        isFirst: Bool,
        isLast: Bool
    ) -> (budget: MemoryBudget, cache: CacheCapacity, blockers: [FitBlocker]) {
        let measured = measurement(for: attempt.device, attempt.parallelism)
        let weights = measured?.weightBytes ?? self.weights(attempt, stage, isFirst: isFirst, isLast: isLast)
        let pool = pool(attempt, stage)
        let lines = self.lines(
            attempt,
            engine,
            measured,
            weights,
            states: Int64(saturating: pool.shape.bytesPerSequence)
        )
        let overhead = lines.reduce(Int64(0)) { $1.code == .weights ? $0 : $0.addingSaturated($1.bytes) }
        let (budget, cache) = engine.cache(attempt, weights: weights, overhead: overhead)
        let doubt = self.doubt(attempt, measured, weights: weights)
        let low = engine.cache(attempt, weights: weights + doubt.weights, overhead: overhead + doubt.overhead)
            .cache
        let high =
            engine.cache(
                attempt,
                weights: weights - doubt.weights,
                overhead: max(0, overhead - doubt.overhead)
            ).cache
        let capacity = self.capacity(attempt, pool, cache: cache, low: low, high: high)
        let wanted = capacity.bytesPerRequest.multipliedSaturated(
            by: Int64(max(1, attempt.request.workload.concurrency))
        )
        let memory = MemoryBudget(
            visible: attempt.visible,
            fraction: attempt.settings.fraction,
            budget: budget,
            lines: lines,
            cache: cache,
            lowCache: low,
            highCache: high,
            headroom: low.addingSaturated(-wanted)
        )
        return (memory, capacity, blockers(attempt, pool, memory, capacity, weights))
    }

    /// The cache of a stage, whatever its size.
    func pool(_ attempt: ServingAttempt, _ stage: Range<Int>) -> CachePool {
        let shape = CacheShape(
            attempt.profile,
            parallelism: attempt.parallelism,
            dtype: attempt.dtype,
            isDefaultDtype: attempt.isDefaultDtype,
            layers: stage
        )
        return CachePool(shape: shape, policy: attempt.settings.policy)
    }

    /// What a cache holds.
    func capacity(_ attempt: ServingAttempt, _ pool: CachePool, cache: Int64, low: Int64, high: Int64)
        -> CacheCapacity
    {
        let most = max(attempt.profile.contextLength ?? 0, attempt.length)
        return CacheCapacity(
            bytesPerToken: pool.shape.bytesPerToken,
            bytesPerSequence: pool.shape.bytesPerSequence,
            bytesPerRequest: pool.shape.isEmpty ? 0 : pool.bytes(ofLength: attempt.length),
            tokens: pool.tokens(cache, length: attempt.length),
            lowTokens: pool.tokens(low, length: attempt.length),
            highTokens: pool.tokens(high, length: attempt.length),
            concurrency: cache > 0 ? pool.concurrency(cache, length: attempt.length) : 0,
            largestContext: pool.largestLength(low, most: most)
        )
    }

    func weights(_ attempt: ServingAttempt, _ stage: Range<Int>, isFirst: Bool, isLast: Bool) -> Int64 {
        let profile = attempt.profile
        let ranks = attempt.parallelism.tensor
        // An encoder whose heads do not divide is whole on every rank.
        let isUneven = profile.visionHeads.map { $0 % ranks != 0 } ?? false
        let padding =
            attempt.request.engine == .vllm
            ? profile.expertPadding(
                version,
                attempt.device.capability,
                tensor: attempt.parallelism.expert ? 1 : ranks
            ) : 1
        let placement = WeightPlacement(
            profile: profile,
            parallelism: attempt.parallelism,
            hasWholeTowers: attempt.request.options.hasWholeTowers || isUneven,
            expertPadding: padding
        )
        let bytes = placement.bytes(of: stage, isFirst: isFirst, isLast: isLast)
        guard attempt.request.engine == .llamaCpp, isFirst, !profile.tiesEmbeddings else { return bytes }
        // The embedding stays in the machine's memory.
        return max(0, bytes - profile.outsideBytes[.embedding])
    }

    private func lines(
        _ attempt: ServingAttempt,
        _ engine: any EngineBudget.Type,
        _ measured: FitMeasurement?,
        _ weights: Int64,
        states: Int64
    ) -> [MemoryBudget.Line] {
        let options = attempt.request.options
        let format = attempt.profile.ggufFormat ?? attempt.profile.quantization?.format.name ?? "16-bit"
        var lines = [
            MemoryBudget.Line(
                code: .weights,
                bytes: weights,
                note: measured == nil ? format : "measured at an earlier start"
            )
        ]
        if let overhead = measured?.overheadBytes {
            lines.append(.init(code: .runtime, bytes: overhead, note: "measured at an earlier start"))
        } else {
            lines += engine.lines(attempt, states: states)
            if attempt.device.isUnifiedMemory {
                lines.append(.init(.system, gibibytes: 2, "the machine's own share of its memory"))
            }
        }
        if options.usedBytes > 0 {
            lines.append(.init(code: .others, bytes: options.usedBytes, note: "other tenants of the GPU"))
        }
        if options.adapterBytes > 0 {
            lines.append(.init(code: .adapters, bytes: options.adapterBytes, note: "LoRA adapters"))
        }
        return lines
    }

    /// How far weights and the rest may be off: what measured starts were, see Docs/fit.md.
    private func doubt(
        _ attempt: ServingAttempt,
        _ measured: FitMeasurement?,
        weights: Int64
    ) -> (weights: Int64, overhead: Int64) {
        if let measured { return (0, ByteCount.gibibytes(measured.overheadBytes == nil ? 0.3 : 0.1)) }
        let share =
            switch attempt.profile.evidence {
            case .exactWeights: 0.003
            case .configuration: 0.01
            case .parameterCount: 0.05
            }
        var gibibytes = 0.3
        if attempt.parallelism.gpus > 1 { gibibytes += 0.3 }
        if attempt.profile.isMultimodal { gibibytes += 0.5 }
        if !attempt.isNVIDIA || attempt.device.isUnifiedMemory { gibibytes += 1 }
        return (Int64(saturating: Double(weights) * share), ByteCount.gibibytes(gibibytes))
    }

    private func blockers(
        _ attempt: ServingAttempt,
        _ pool: CachePool,
        _ budget: MemoryBudget,
        _ capacity: CacheCapacity,
        _ weights: Int64
    ) -> [FitBlocker] {
        if budget.lowCache < 0 || budget.lowCache == 0 && !pool.shape.isEmpty {
            let need = budget.budget.addingSaturated(-budget.lowCache)
            return [
                FitBlocker(
                    .weights,
                    "Weights and overhead take what the engine may use; nothing is left for the cache",
                    need: need,
                    have: budget.budget
                )
            ]
        }
        guard pool.holds(budget.lowCache, length: attempt.length) else {
            return [
                FitBlocker(
                    .oneRequest,
                    "One request of \(attempt.length) tokens does not fit the cache",
                    need: capacity.bytesPerRequest,
                    have: budget.lowCache,
                    fix: capacity.largestContext >= 1 ? .contextLength(capacity.largestContext) : nil
                )
            ]
        }
        let asked = attempt.request.workload.concurrency
        let held = pool.concurrency(budget.lowCache, length: attempt.length)
        guard held < Double(asked) else { return [] }
        return [
            FitBlocker(
                .concurrency,
                "\(Int(held)) of \(asked) requests of \(attempt.length) tokens fit the cache at once",
                need: capacity.bytesPerRequest.multipliedSaturated(by: Int64(asked)),
                have: budget.lowCache,
                fix: .concurrency(max(1, Int(held)))
            )
        ]
    }
}
