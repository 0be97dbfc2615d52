extension FitAssessment {
    /// What one GPU of a stage comes to: enough to tell which stage has the least room.
    struct StageReckoning {
        let pool: CachePool
        let weights: Int64
        /// Everything else beside the cache.
        let overhead: Int64
        /// States that are allocated up front.
        let states: MemoryBudget.Line?
        let doubt: (weights: Int64, overhead: Int64)
        /// The cache if everything takes as much memory as it may.
        let lowCache: Int64
        let bytesPerRequest: Int64
        /// What that cache has beyond what is asked for.
        let headroom: Int64
    }

    /// Reckons the stage that has the least room.
    ///
    /// - Parameter stops: whether a stage that has no room for any cache will do, since the model does not fit then.
    func fullestStage(_ attempt: ServingAttempt, _ lines: SharedLines, stops: Bool = false) -> StageReckoning?
    {
        let stages = attempt.parallelism.stages(ofLayers: attempt.profile.layers.count)
        let placement = placement(attempt)
        var fullest: StageReckoning?
        // Stages that have as many layers of each kind cache the same.
        var pools: [(counts: [Int], pool: CachePool)] = []
        for (index, stage) in stages.enumerated() {
            let counts = attempt.profile.mixerCounts(in: stage)
            let known = pools.firstIndex { $0.counts == counts }
            if known == nil { pools.append((counts, pool(attempt, counts))) }
            let own = pools[known ?? pools.count - 1].pool
            let weights =
                lines.measured?.weightBytes
                ?? placement.bytes(
                    of: stage,
                    counts,
                    isFirst: index == 0,
                    isLast: index == stages.count - 1
                )
            let reckoned = reckon(attempt, lines, own, weights: weights)
            if fullest.map({ reckoned.headroom < $0.headroom }) ?? true { fullest = reckoned }
            if stops, reckoned.lowCache < 0 { break }
        }
        return fullest
    }

    private func reckon(
        _ attempt: ServingAttempt,
        _ lines: SharedLines,
        _ pool: CachePool,
        weights: Int64
    ) -> StageReckoning {
        let states =
            lines.isOverheadMeasured
            ? nil
            : lines.engine.line(ofStates: Int64(saturating: pool.shape.bytesPerSequence), attempt)
        let overhead = lines.bytes.addingSaturated(states?.bytes ?? 0)
        let doubt = self.doubt(attempt, lines.measured, weights: weights)
        let low = lines.engine.cache(
            attempt,
            weights: weights + doubt.weights,
            overhead: overhead + doubt.overhead
        ).cache
        let perRequest = pool.shape.isEmpty ? 0 : pool.bytes(ofLength: attempt.length)
        let wanted = perRequest.multipliedSaturated(
            by: Int64(max(1, attempt.request.workload.concurrency))
        )
        return StageReckoning(
            pool: pool,
            weights: weights,
            overhead: overhead,
            states: states,
            doubt: doubt,
            lowCache: low,
            bytesPerRequest: perRequest,
            headroom: low.addingSaturated(-wanted)
        )
    }

    /// The memory of a stage's GPU, line by line, and what its cache holds.
    func detail(_ attempt: ServingAttempt, _ lines: SharedLines, _ stage: StageReckoning) -> (
        memory: MemoryBudget, cache: CacheCapacity
    ) {
        let weights = stage.weights
        let (budget, cache) = lines.engine.cache(attempt, weights: weights, overhead: stage.overhead)
        let high = lines.engine.cache(
            attempt,
            weights: weights - stage.doubt.weights,
            overhead: max(0, stage.overhead - stage.doubt.overhead)
        ).cache
        let memory = MemoryBudget(
            visible: attempt.visible,
            fraction: attempt.settings.fraction,
            budget: budget,
            lines: lines.all(attempt, stage),
            cache: cache,
            lowCache: stage.lowCache,
            highCache: high,
            headroom: stage.headroom
        )
        return (memory, capacity(attempt, stage.pool, cache: cache, low: stage.lowCache, high: high))
    }

    /// The cache of a stage, whatever its size.
    ///
    /// - Parameter counts: how many of its layers have each of the profile's mixers.
    func pool(_ attempt: ServingAttempt, _ counts: [Int]) -> CachePool {
        let shape = CacheShape(
            attempt.profile,
            parallelism: attempt.parallelism,
            dtype: attempt.dtype,
            isDefaultDtype: attempt.isDefaultDtype,
            counts: counts
        )
        return CachePool(shape: shape, policy: attempt.settings.policy)
    }

    /// What a cache holds.
    func capacity(_ attempt: ServingAttempt, _ pool: CachePool, cache: Int64, low: Int64, high: Int64)
        -> CacheCapacity
    {
        CacheCapacity(
            bytesPerToken: pool.shape.bytesPerToken,
            bytesPerSequence: pool.shape.bytesPerSequence,
            bytesPerRequest: pool.shape.isEmpty ? 0 : pool.bytes(ofLength: attempt.length),
            tokens: pool.tokens(cache, length: attempt.length),
            lowTokens: pool.tokens(low, length: attempt.length),
            highTokens: pool.tokens(high, length: attempt.length),
            concurrency: cache > 0 ? pool.concurrency(cache, length: attempt.length) : 0,
            largestContext: pool.largestLength(low, most: attempt.longest)
        )
    }

    /// How the weights lie on the GPUs.
    func placement(_ attempt: ServingAttempt) -> WeightPlacement {
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
        return WeightPlacement(
            attempt: attempt,
            hasWholeTowers: attempt.request.options.hasWholeTowers || isUneven,
            expertPadding: padding,
            // llama.cpp leaves the embedding in the machine's memory.
            keepsEmbeddingAway: attempt.request.engine == .llamaCpp && !profile.tiesEmbeddings
        )
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

    /// What a stage lacks.
    private enum Lack {
        case room
        case oneRequest
        case concurrency(held: Double)
    }

    private func lack(_ attempt: ServingAttempt, _ stage: StageReckoning) -> Lack? {
        let low = stage.lowCache
        let pool = stage.pool
        if low < 0 || low == 0 && !pool.shape.isEmpty { return .room }
        guard pool.holds(low, length: attempt.length) else { return .oneRequest }
        let held = pool.concurrency(low, length: attempt.length)
        return held < Double(attempt.request.workload.concurrency) ? .concurrency(held: held) : nil
    }

    /// Whether a stage holds what is asked for.
    func isEnough(_ attempt: ServingAttempt, _ stage: StageReckoning) -> Bool { lack(attempt, stage) == nil }

    /// What is in the way of a stage.
    func blockers(_ attempt: ServingAttempt, _ lines: SharedLines, _ stage: StageReckoning) -> [FitBlocker] {
        switch lack(attempt, stage) {
        case nil: return []
        case .room:
            let budget = lines.engine.cache(attempt, weights: stage.weights, overhead: stage.overhead).budget
            return [
                FitBlocker(
                    .weights,
                    "Weights and overhead take what the engine may use; nothing is left for the cache",
                    need: budget.addingSaturated(-stage.lowCache),
                    have: budget
                )
            ]
        case .oneRequest:
            let longest = stage.pool.largestLength(stage.lowCache, most: attempt.longest)
            return [
                FitBlocker(
                    .oneRequest,
                    "One request of \(attempt.length) tokens does not fit the cache",
                    need: stage.bytesPerRequest,
                    have: stage.lowCache,
                    fix: longest >= 1 ? .contextLength(longest) : nil
                )
            ]
        case .concurrency(let held):
            let asked = attempt.request.workload.concurrency
            return [
                FitBlocker(
                    .concurrency,
                    "\(Int(held)) of \(asked) requests of \(attempt.length) tokens fit the cache at once",
                    need: stage.bytesPerRequest.multipliedSaturated(by: Int64(asked)),
                    have: stage.lowCache,
                    fix: .concurrency(max(1, Int(held)))
                )
            ]
        }
    }
}
