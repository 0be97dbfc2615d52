extension FitAssessment {
    /// A context shorter than this is no way to serve a model.
    private static let shortestContext = 2048

    /// The changes each of which makes a candidate fit, those that cost the least first: smaller batches, 8-bit keys and
    /// values, more of the memory, fewer requests at once, a shorter context, more GPUs, narrower weights.
    func changes(for candidate: FitCandidate) -> [FitChange] {
        var changes: [FitChange] = []
        if let change = smallerBatch(candidate) { changes.append(change) }
        for change in [keyValueChange(candidate), fractionChange(candidate)].compactMap(\.self)
        where helps(change, candidate) {
            changes.append(change)
        }
        for blocker in candidate.blockers {
            switch blocker.fix {
            case .contextLength(let length):
                if let length = longestContext(upTo: length, candidate) {
                    changes.append(.contextLength(length))
                }
            case .concurrency(let count): changes.append(.concurrency(count))
            default: break
            }
        }
        if let change = moreGPUs(candidate) { changes.append(change) }
        if profile.quantization == nil, profile.ggufFormat == nil {
            let memory = (candidate.device.shareBytes ?? 0).multipliedSaturated(
                by: Int64(candidate.parallelism.gpus)
            )
            for (wish, bits) in [("fp8", Int64(8)), ("int4", 4)] {
                // What does not fit at so many bits for everything does not with an embedding of 16.
                guard profile.parameters / 8 * bits < memory, helps(.quantization(wish), candidate) else {
                    continue
                }
                changes.append(.quantization(wish))
                break
            }
        }
        return changes
    }

    /// The longest context of which the candidate holds as many requests at once as are asked for; nil when there is none worth
    /// serving.
    ///
    /// - Parameter length: the longest of which it holds one.
    private func longestContext(upTo length: Int, _ candidate: FitCandidate) -> Int? {
        guard length >= Self.shortestContext else { return nil }
        if request.workload.concurrency <= 1 || helps(.contextLength(length), candidate) { return length }
        guard helps(.contextLength(Self.shortestContext), candidate) else { return nil }
        var (fits, tooLong) = (Self.shortestContext, length)
        while tooLong - fits > 1 {
            let middle = fits + (tooLong - fits) / 2
            if helps(.contextLength(middle), candidate) { fits = middle } else { tooLong = middle }
        }
        return fits
    }

    private func keyValueChange(_ candidate: FitCandidate) -> FitChange? {
        guard candidate.keyValueDtype == KeyValueDtype.half.name, candidate.cache.bytesPerToken > 0 else {
            return nil
        }
        return .keyValueDtype(request.engine == .llamaCpp ? "q8_0" : "fp8")
    }

    private func fractionChange(_ candidate: FitCandidate) -> FitChange? {
        guard request.engine != .llamaCpp, candidate.budget.fraction < 0.95, !candidate.device.isUnifiedMemory
        else { return nil }
        return .memoryFraction(0.95)
    }

    /// Halves the batches until the candidate fits.
    private func smallerBatch(_ candidate: FitCandidate) -> FitChange? {
        guard request.engine == .vllm else { return nil }
        let settings = VLLMBudget.settings(
            request,
            profile,
            candidate.device,
            candidate.parallelism,
            version: version,
            length: Self.length(request, profile)
        )
        let sequences = settings.maxSequences
        let tokens = settings.maxBatchedTokens
        var trials: [(Int, Int)] = []
        var fewer = sequences
        while fewer > 16 {
            fewer /= 2
            trials.append((fewer, tokens))
        }
        var less = tokens
        while less > 1024 {
            less /= 2
            trials.append((min(sequences, 256), less))
        }
        // What the smallest batch does not help, none does.
        guard let smallest = trials.last,
            helps(.batch(sequences: min(16, sequences), tokens: min(smallest.1, tokens)), candidate)
        else { return nil }
        for (sequences, tokens) in trials where helps(.batch(sequences: sequences, tokens: tokens), candidate)
        {
            return .batch(sequences: sequences, tokens: tokens)
        }
        return nil
    }

    /// The fewest GPUs of the kind, of up to 64, on which the model would fit.
    private func moreGPUs(_ candidate: FitCandidate) -> FitChange? {
        guard candidate.device.canCombine, candidate.device.sharers == 1 else { return nil }
        var device = candidate.device
        for count in [2, 4, 8, 16, 24, 32, 48, 64] where count > candidate.device.count {
            device.count = count
            for spread in Fit.spreads(over: count) where request.engine != .llamaCpp || spread.tensor == 1 {
                let parallelism = Parallelism(
                    tensor: spread.tensor,
                    pipeline: spread.pipeline,
                    expert: request.options.expertParallel
                )
                guard spread.pipeline <= max(1, profile.layers.count), !isHopeless(parallelism, on: device),
                    parallelism.isAllowed(for: profile)
                else { continue }
                if isFit(on: device, parallelism, request, profile) { return .gpus(count) }
            }
        }
        return nil
    }

    /// Whether the candidate would fit with a change.
    private func helps(_ change: FitChange, _ candidate: FitCandidate) -> Bool {
        var changed = request
        var served = profile
        switch change {
        case .batch(let sequences, let tokens):
            changed.workload.maxSequences = sequences
            changed.workload.maxBatchedTokens = tokens
        case .keyValueDtype(let name): changed.options.keyValueDtype = name
        case .memoryFraction(let fraction): changed.options.memoryFraction = fraction
        case .contextLength(let length): changed.workload.contextLength = length
        case .concurrency(let count): changed.workload.concurrency = count
        case .quantization(let name):
            changed.options.quantization = name
            served = FitAssessment(profile, changed).profile
        default: return false
        }
        guard candidate.parallelism.isAllowed(for: served) else { return false }
        return isFit(on: candidate.device, candidate.parallelism, changed, served)
    }
}
