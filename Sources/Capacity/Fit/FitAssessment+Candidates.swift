extension FitAssessment {
    /// The numbers of GPUs that are tried: each up to a node's eight, then whole nodes, then all.
    private static func sizes(upTo count: Int) -> [Int] {
        let most = min(count, 1024)
        var sizes = Array(1...min(8, most))
        if most > 8 { sizes += stride(from: 16, through: min(most, 128), by: 8) }
        if let last = sizes.last, last < most { sizes.append(most) }
        return sizes
    }

    /// Tries every spread on one kind of GPU.
    func collect(
        on device: FitDevice,
        _ fitting: inout [FitCandidate],
        _ nearest: inout ReckonedSpread?,
        _ blockers: inout [FitBlocker]
    ) {
        let options = request.options
        let isAsked = options.tensorParallel != nil || options.pipelineParallel != nil
        let asked = Parallelism(
            tensor: options.tensorParallel ?? 1,
            pipeline: options.pipelineParallel ?? 1,
            expert: options.expertParallel
        )
        var spreads: [Parallelism] = []
        if isAsked {
            if let blocker = obstacle(to: asked, on: device) {
                blockers.append(blocker)
                return
            }
            let broken = asked.violations(of: profile)
            if !broken.isEmpty {
                blockers += broken.map { blocker in
                    var blocker = blocker
                    blocker.fix = fix(for: blocker, asked)
                    return blocker
                }
                return
            }
            spreads = [asked]
        } else {
            let most = device.canCombine && device.sharers == 1 ? device.count : 1
            for size in Self.sizes(upTo: most) {
                for spread in Fit.spreads(over: size) where request.engine != .llamaCpp || spread.tensor == 1
                {
                    spreads.append(
                        Parallelism(
                            tensor: spread.tensor,
                            pipeline: spread.pipeline,
                            expert: options.expertParallel
                        )
                    )
                }
            }
        }
        var found = 0
        var foundBefore = 0
        var size = 0
        for spread in spreads {
            // Larger spreads are of no interest once enough smaller ones fit.
            if spread.gpus > size {
                if found >= request.candidateLimit { break }
                size = spread.gpus
                foundBefore = found
            }
            // Stages wait for one another: they are for what ranks alone do not do on as many GPUs.
            if found > foundBefore, spread.pipeline > 1 { continue }
            // Where the weights alone are too large only the largest spread is reckoned, to say what is missing.
            if isHopeless(spread, on: device), spread.gpus < (spreads.last?.gpus ?? 0) { continue }
            guard isAsked || spread.tensor == 1 || spread.isAllowed(for: profile),
                spread.pipeline <= profile.layers.count
            else { continue }
            guard let reckoned = reckoned(on: device, spread) else { continue }
            if isEnough(reckoned.attempt, reckoned.stage) {
                fitting.append(candidate(reckoned))
                found += 1
            } else if nearest.map({ $0.stage.headroom < reckoned.stage.headroom }) ?? true {
                nearest = reckoned
            }
        }
    }

    /// Whether the weights do not fit even if they were spread evenly and there were nothing else.
    func isHopeless(_ spread: Parallelism, on device: FitDevice) -> Bool {
        guard let visible = device.shareBytes else { return true }
        // An embedding may stay in the machine's memory.
        let weights =
            profile.weightBytes - (request.engine == .llamaCpp ? profile.bytesByComponent[.embedding] : 0)
        return weights / Int64(max(1, spread.gpus)) > visible && measurement(for: device, spread) == nil
    }

    /// What keeps a spread from a kind of GPU at all.
    private func obstacle(to asked: Parallelism, on device: FitDevice) -> FitBlocker? {
        if asked.gpus > 1, !device.canCombine || device.sharers != 1 {
            return FitBlocker(
                .migSlices,
                "Slices and shares of a GPU do not work together on a model",
                fix: .tensorParallel(1)
            )
        }
        if asked.gpus > device.count {
            return FitBlocker(
                .gpuCount,
                "\(asked.gpus) GPUs are asked for, there are \(device.count)",
                fix: .gpus(asked.gpus)
            )
        }
        return nil
    }

    /// The nearest smaller number of ranks that the rules allow, or whole experts where only these are in the way.
    private func fix(for blocker: FitBlocker, _ asked: Parallelism) -> FitChange? {
        var whole = asked
        whole.expert = true
        if blocker.code == .tensorGroupSize, profile.experts > 0, whole.isAllowed(for: profile) {
            return .expertParallel
        }
        guard asked.tensor > 1 else { return nil }
        for ranks in (1..<asked.tensor).reversed().prefix(1024) {
            var smaller = asked
            smaller.tensor = ranks
            if smaller.isAllowed(for: profile) { return .tensorParallel(ranks) }
        }
        return nil
    }

    /// The dtype in which keys and values would be cached; nil when the request names one that is none.
    private func keyValueDtype(_ request: FitRequest, _ profile: ModelProfile) -> (
        KeyValueDtype, isDefault: Bool
    )? {
        if let name = request.options.keyValueDtype, name.lowercased() != "auto" {
            return KeyValueDtype(parsing: name).map { ($0, false) }
        }
        // Checkpoints that say so have 8-bit keys and values by default (vLLM, `resolve_kv_cache_dtype_string`).
        let honours =
            request.engine == .tensorRTLLM || request.engine == .vllm && version >= EngineVersion(0, 14)
        if honours, profile.quantization?.keyValueDtype == "fp8" { return (.fp8, true) }
        return (.half, true)
    }

    /// Reckons one spread on one kind of GPU, as far as to tell whether it fits; nil when the device's memory is unknown.
    private func reckoned(on device: FitDevice, _ parallelism: Parallelism) -> ReckonedSpread? {
        guard let attempt = attempt(on: device, parallelism, request, profile) else { return nil }
        let engine = Self.budget(of: request.engine)
        let lines = SharedLines(attempt, engine, measurement(for: device, parallelism))
        guard let stage = fullestStage(attempt, lines) else { return nil }
        return ReckonedSpread(attempt: attempt, lines: lines, stage: stage)
    }

    /// A spread as the report shows it, line by line.
    func candidate(_ reckoned: ReckonedSpread) -> FitCandidate {
        let (attempt, lines, stage) = (reckoned.attempt, reckoned.lines, reckoned.stage)
        let blockers = blockers(attempt, lines, stage)
        let (memory, cache) = detail(attempt, lines, stage)
        return FitCandidate(
            device: attempt.device,
            parallelism: attempt.parallelism,
            replicas: max(0, attempt.device.count / attempt.parallelism.gpus),
            fits: blockers.isEmpty,
            quantization: profile.ggufFormat ?? profile.quantization?.format.name ?? "none",
            keyValueDtype: attempt.dtype.name,
            budget: memory,
            cache: cache,
            arguments: lines.engine.arguments(attempt),
            blockers: blockers
        )
    }

    /// Whether a spread would fit on one kind of GPU.
    func isFit(
        on device: FitDevice,
        _ parallelism: Parallelism,
        _ request: FitRequest,
        _ profile: ModelProfile
    ) -> Bool {
        guard let attempt = attempt(on: device, parallelism, request, profile) else { return false }
        let lines = SharedLines(
            attempt,
            Self.budget(of: request.engine),
            measurement(for: device, parallelism)
        )
        guard let stage = fullestStage(attempt, lines, stops: true) else { return false }
        return stage.lowCache >= 0 && isEnough(attempt, stage)
    }

    private func attempt(
        on device: FitDevice,
        _ parallelism: Parallelism,
        _ request: FitRequest,
        _ profile: ModelProfile
    ) -> ServingAttempt? {
        guard let visible = device.shareBytes, let dtype = keyValueDtype(request, profile) else { return nil }
        let length = Self.length(request, profile)
        let engine = Self.budget(of: request.engine)
        return ServingAttempt(
            profile: profile,
            request: request,
            device: device,
            parallelism: parallelism,
            version: version,
            visible: visible,
            length: length,
            dtype: dtype.0,
            isDefaultDtype: dtype.isDefault,
            settings: engine.settings(request, profile, device, parallelism, version: version, length: length)
        )
    }

    /// The engine's defaults that a candidate was reckoned with, in words.
    func engineAssumptions(of candidate: FitCandidate) -> [String] {
        let attempt = attempt(on: candidate.device, candidate.parallelism, request, profile)
        return attempt.map(Self.budget(of: request.engine).assumptions) ?? []
    }

    /// What a cache of that size holds.
    func capacity(ofCache bytes: Int64, on device: FitDevice, _ parallelism: Parallelism) -> CacheCapacity? {
        guard let attempt = attempt(on: device, parallelism, request, profile) else { return nil }
        let capacities = parallelism.stages(ofLayers: profile.layers.count).map { stage in
            capacity(
                attempt,
                pool(attempt, profile.mixerCounts(in: stage)),
                cache: bytes,
                low: bytes,
                high: bytes
            )
        }
        return capacities.min { $0.tokens < $1.tokens }
    }

    /// The weights of the fullest stage.
    func weights(on device: FitDevice, _ parallelism: Parallelism) -> Int64? {
        guard let attempt = attempt(on: device, parallelism, request, profile) else { return nil }
        let placement = placement(attempt)
        let stages = parallelism.stages(ofLayers: profile.layers.count)
        return stages.enumerated().map { index, stage in
            let counts = profile.mixerCounts(in: stage)
            return placement.bytes(of: stage, counts, isFirst: index == 0, isLast: index == stages.count - 1)
        }
        .max()
    }

    private static func budget(of engine: InferenceEngine) -> any EngineBudget.Type {
        switch engine {
        case .vllm: VLLMBudget.self
        case .sglang: SGLangBudget.self
        case .tensorRTLLM: TensorRTLLMBudget.self
        case .llamaCpp: LlamaCppBudget.self
        }
    }
}

/// A spread of which it is known whether it fits, and not yet what the report says of it.
struct ReckonedSpread {
    let attempt: ServingAttempt
    let lines: SharedLines
    let stage: FitAssessment.StageReckoning
}
