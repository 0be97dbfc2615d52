/// The weights that one GPU of a pipeline stage holds.
struct WeightPlacement {
    let attempt: ServingAttempt
    /// Whether vision and audio encoders are whole on every rank.
    let hasWholeTowers: Bool
    /// What the engine makes of MXFP4 experts, by which their bytes grow.
    let expertPadding: Double
    /// Whether the embedding is on no GPU.
    let keepsEmbeddingAway: Bool

    /// What every rank allocates beside the weights while loading, measured on many models: 0.02 GiB.
    static let base = ByteCount.gibibytes(0.02)

    private var profile: ModelProfile { attempt.profile }
    private var parallelism: Parallelism { attempt.parallelism }

    /// The bytes on one GPU of a stage.
    ///
    /// - Parameter counts: how many of its layers have each of the profile's mixers.
    func bytes(of stage: Range<Int>, _ counts: [Int], isFirst: Bool, isLast: Bool) -> Int64 {
        var amounts = ComponentAmounts()
        if parallelism.pipeline == 1 {
            amounts = profile.bytesByComponent
        } else {
            for index in stage where profile.layerBytes.indices.contains(index) {
                amounts += profile.layerBytes[index]
            }
            let outside = profile.outsideBytes
            for component in ParameterComponent.allCases where outside[component] > 0 {
                let isHere: Bool
                switch component {
                // A tied embedding is on both ends.
                case .embedding: isHere = isFirst || (isLast && profile.tiesEmbeddings)
                case .languageHead, .norms: isHere = isLast
                default: isHere = isFirst
                }
                if isHere { amounts[component] = amounts[component].addingSaturated(outside[component]) }
            }
        }
        var total = Double(Self.base) + absorbed(counts)
        for component in ParameterComponent.allCases {
            let bytes = amounts[component]
            if bytes > 0 { total += Double(bytes) * share(of: component) }
        }
        let bytes = Int64(saturating: total)
        return keepsEmbeddingAway && isFirst ? max(0, bytes - profile.outsideBytes[.embedding]) : bytes
    }

    /// The part of a component that each tensor-parallel rank has.
    private func share(of component: ParameterComponent) -> Double {
        let ranks = Double(parallelism.tensor)
        switch component {
        case .embedding, .languageHead:
            guard profile.vocabularySize > 0 else { return 1 / ranks }
            // Padded to 64 rows for each rank (vLLM, `vocab_parallel_embedding.py`).
            let unit = 64 * parallelism.tensor
            let padded = (profile.vocabularySize + unit - 1) / unit * unit
            return Double(padded) / Double(profile.vocabularySize) / ranks
        case .attentionKeyValue: return 1 / Double(min(parallelism.tensor, max(1, profile.keyValueHeads)))
        case .latentReplicated, .norms, .router: return 1
        case .experts:
            guard parallelism.expert, profile.experts > 0 else { return expertPadding / ranks }
            let whole = (profile.experts + parallelism.tensor - 1) / parallelism.tensor
            return expertPadding * Double(whole) / Double(profile.experts)
        case .towers: return hasWholeTowers ? 1 : 1 / ranks
        case .other: return profile.hasLayout ? 1 : 1 / ranks
        case .attentionQueryOutput, .latentSharded, .feedForward, .sharedExperts, .recurrent,
            .perLayerEmbedding:
            return 1 / ranks
        }
    }

    /// Latent attention keeps a 16-bit copy of its up-projections, rearranged for decoding (vLLM, `mla/common.py`).
    private func absorbed(_ counts: [Int]) -> Double {
        var elements = 0.0
        for (kind, count) in zip(profile.mixerKinds, counts) {
            guard case .latent(let attention) = kind else { continue }
            let perHead = Double(attention.queryKeySize) + Double(attention.valueSize)
            elements += Double(count) * Double(attention.latentSize) * Double(attention.heads) * perHead
        }
        return 2 * elements / Double(parallelism.tensor)
    }
}

extension ModelProfile {
    /// By how much an engine's kernels grow MXFP4 experts; 1 for other models.
    ///
    /// vLLM's kernels needed padded shapes (`mxfp4.py`): Marlin until 0.11, and later where Triton's do not run, a hidden size
    /// that is a multiple of 256 and an intermediate size of 128; Triton's on Hopper from 0.12 a value layout of 256 with
    /// scales as stored; since 0.21 neither.
    func expertPadding(_ version: EngineVersion, _ capability: ComputeCapability?, tensor: Int) -> Double {
        guard let scheme = quantization, scheme.method == "mxfp4", expertSize > 0, hiddenSize > 0 else {
            return 1
        }
        guard version < EngineVersion(0, 21) else { return 1 }
        func up(_ value: Int, _ unit: Int) -> Double { Double((value + unit - 1) / unit * unit) }
        let width = max(1, expertSize / max(1, tensor))
        let plain = Double(width) * Double(hiddenSize)
        let isHopper = capability?.major == 9
        if version >= EngineVersion(0, 12), isHopper {
            let values = up(width, 256) * Double(hiddenSize) / plain
            // 4 bits of value and a quarter of a bit of scale.
            return (4 * values + 0.25) / 4.25
        }
        return up(width, 128) * up(hiddenSize, 256) / plain
    }
}
