/// What the layers of a pipeline stage cache, on one GPU.
///
/// Sources: vLLM, `v1/kv_cache_interface.py`; for DeepSeek's sparse attention `flashmla_sparse.py`.
struct CacheShape {
    /// Layers that cache alike.
    struct Group {
        /// Bytes that a layer caches for a token; 0 for a recurrence.
        let bytesPerToken: Double
        /// Bytes that a layer keeps for a sequence, however long: a recurrence's state.
        let bytesPerSequence: Double
        /// How far back the layers read.
        let span: AttentionSpan
        /// Tokens that a cached row stands for: more than 1 where rows are compressed.
        let tokensPerRow: Int
        /// How many layers there are.
        let layers: Int

        var isRecurrent: Bool { bytesPerToken == 0 && bytesPerSequence > 0 }
    }

    private(set) var groups: [Group] = []
    /// Bytes that a sequence keeps of an encoder's output.
    private(set) var bytesOfEncoder = 0.0

    /// - Parameters:
    ///   - dtype: what keys and values are cached in; nil for what the checkpoint and the engine choose.
    ///   - counts: how many layers of the stage have each of the profile's mixers.
    init(
        _ profile: ModelProfile,
        parallelism: Parallelism,
        dtype: KeyValueDtype,
        isDefaultDtype: Bool,
        counts: [Int]
    ) {
        guard profile.role == .generation else { return }
        let ranks = parallelism.tensor
        let element = dtype.bytesPerElement
        for (kind, count) in zip(profile.mixerKinds, counts) where count > 0 {
            switch kind {
            case .heads(let attention): add(attention, ranks, element, count)
            case .parallel(let attention, let mixer):
                add(attention, ranks, element, count)
                add(mixer, ranks, count)
            case .recurrent(let mixer): add(mixer, ranks, count)
            case .latent(let attention):
                var bytes = Double(attention.cachedElements) * element
                if attention.indexerSize > 0 {
                    // 8-bit keys of the indexer with a float for each, and rows of 8-bit latents, scales and 16-bit rotary keys.
                    if isDefaultDtype || element == 1 {
                        bytes =
                            Double(attention.latentSize) + Double(attention.latentSize) / 32 + 2
                            * Double(attention.rotarySize)
                    }
                    bytes += Double(attention.indexerSize) + 4
                }
                append(bytes, 0, .all, 1, count)
            case .compressed(let attention): add(attention, count)
            case .none: break
            }
        }
        if let cross = profile.crossAttention {
            let heads = max(1, cross.keyValueHeads / ranks)
            bytesOfEncoder =
                2 * element * Double(cross.layers * heads * cross.headSize) * Double(cross.encoderTokens)
        }
    }

    private mutating func add(_ attention: HeadAttention, _ ranks: Int, _ element: Double, _ count: Int) {
        guard !attention.sharesCache else { return }
        // Beyond one head for each rank heads are replicated.
        let heads = Double(max(1, attention.keyValueHeads / ranks))
        let bytes = heads * (Double(attention.keySize) + Double(attention.valueSize)) * element
        append(bytes, 0, attention.span, 1, count)
    }

    private mutating func add(_ mixer: RecurrentMixer, _ ranks: Int, _ count: Int) {
        let bytes = (4 * Double(mixer.stateElements) + 2 * Double(mixer.convolutionElements)) / Double(ranks)
        if bytes > 0 { append(0, bytes, .all, 1, count) }
    }

    /// DeepSeek-V4 keeps rows of 584 bytes: those of the last tokens, and one for each run of tokens before.
    private mutating func add(_ attention: CompressedAttention, _ count: Int) {
        append(584, 0, .window(max(1, attention.window)), 1, count)
        guard attention.ratio > 0 else { return }
        append(584, 0, .all, attention.ratio, count)
        if attention.ratio <= 8, attention.indexerSize > 0 {
            append(Double(attention.indexerSize) + 4, 0, .all, attention.ratio, count)
        }
    }

    private mutating func append(
        _ token: Double,
        _ sequence: Double,
        _ span: AttentionSpan,
        _ row: Int,
        _ count: Int
    ) {
        if let index = groups.firstIndex(where: {
            $0.bytesPerToken == token && $0.bytesPerSequence == sequence && $0.span == span
                && $0.tokensPerRow == row
        }) {
            groups[index] = Group(
                bytesPerToken: token,
                bytesPerSequence: sequence,
                span: span,
                tokensPerRow: row,
                layers: groups[index].layers + count
            )
        } else {
            groups.append(
                Group(
                    bytesPerToken: token,
                    bytesPerSequence: sequence,
                    span: span,
                    tokensPerRow: row,
                    layers: count
                )
            )
        }
    }

    /// Counts windows as if they reached back to the first token, as engines without groups of layers do.
    func withoutWindows() -> CacheShape {
        var result = CacheShape(bytesOfEncoder: bytesOfEncoder)
        for group in groups {
            result.append(group.bytesPerToken, group.bytesPerSequence, .all, group.tokensPerRow, group.layers)
        }
        return result
    }

    private init(bytesOfEncoder: Double) { self.bytesOfEncoder = bytesOfEncoder }

    /// Bytes by which the cache of a long sequence grows with each token.
    var bytesPerToken: Double {
        groups.reduce(0) { sum, group in
            group.span == .all
                ? sum + Double(group.layers) * group.bytesPerToken / Double(group.tokensPerRow) : sum
        }
    }

    /// The same if every layer of attention reached back to the first token.
    var bytesPerTokenOfAllLayers: Double {
        groups.reduce(0) { $0 + Double($1.layers) * $1.bytesPerToken / Double($1.tokensPerRow) }
    }

    /// Bytes that a sequence takes however long it is: states of recurrences and an encoder's output.
    var bytesPerSequence: Double {
        groups.reduce(bytesOfEncoder) { $0 + Double($1.layers) * $1.bytesPerSequence }
    }

    /// Whether nothing is cached: an encoder, an embedding model.
    var isEmpty: Bool { groups.isEmpty && bytesOfEncoder == 0 }
}
