/// How far back a layer's attention reads.
public enum AttentionSpan: Sendable, Hashable {
    /// To the first token.
    case all
    /// The last so many tokens.
    case window(Int)
    /// To the start of the chunk of so many tokens that the token is in.
    case chunk(Int)

    /// How many tokens it reads at most; nil when there is no limit.
    public var limit: Int? {
        switch self {
        case .all: nil
        case .window(let size), .chunk(let size): size
        }
    }
}

/// Attention with a key and a value for each token: multi-head, grouped-query or multi-query.
public struct HeadAttention: Sendable, Hashable {
    /// Query heads.
    public var heads: Int
    /// Heads of keys and values; each serves `heads / keyValueHeads` query heads.
    public var keyValueHeads: Int
    /// Elements of a head's query and key.
    public var keySize: Int
    /// Elements of a head's value.
    public var valueSize: Int
    /// How far back it reads.
    public var span: AttentionSpan
    /// Whether it reads an earlier layer's cache and has none of its own (Gemma-3n, Gemma-4 E models).
    public var sharesCache = false

    /// Elements that the cache holds for a token on all ranks together.
    public var cachedElements: Int64 {
        sharesCache ? 0 : .product(Int64(keyValueHeads), Int64(keySize).addingSaturated(Int64(valueSize)))
    }
}

/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1): one compressed vector per token for all heads.
public struct LatentAttention: Sendable, Hashable {
    /// Query heads.
    public var heads: Int
    /// Elements of the compressed key and value, `kv_lora_rank`.
    public var latentSize: Int
    /// Elements of the shared rotary key, `qk_rope_head_dim`.
    public var rotarySize: Int
    /// Elements of a head's query without the rotary part.
    public var queryKeySize: Int
    /// Elements of a head's value.
    public var valueSize: Int
    /// Elements of the indexer's key where attention is sparse (DeepSeek-V3.2), else 0.
    public var indexerSize: Int

    /// Elements that the cache holds for a token on every rank, without the indexer's.
    public var cachedElements: Int64 { Int64(latentSize).addingSaturated(Int64(rotarySize)) }
}

/// DeepSeek-V4's attention: a window of rows and, with a ratio, one row for so many tokens before it.
public struct CompressedAttention: Sendable, Hashable {
    /// Query heads.
    public var heads: Int
    /// Tokens for each compressed row; 0 when there is only the window.
    public var ratio: Int
    /// Tokens whose rows are kept uncompressed.
    public var window: Int
    /// Elements of a row.
    public var rowSize: Int
    /// Elements of the indexer's key, kept for each compressed row of layers with a small ratio; else 0.
    public var indexerSize: Int
}

/// A mixer with a state of fixed size per sequence: Mamba, Mamba-2, gated delta nets, Kimi's delta attention, convolutions.
public struct RecurrentMixer: Sendable, Hashable {
    /// Elements of the recurrent state on all ranks together, kept in 32 bits.
    public var stateElements: Int64
    /// Elements of the convolution's window on all ranks together, kept in the serving dtype.
    public var convolutionElements: Int64
}

/// What a layer does to mix tokens.
public enum TokenMixer: Sendable, Hashable {
    /// Attention with keys and values.
    case heads(HeadAttention)
    /// Latent attention.
    case latent(LatentAttention)
    /// Compressed attention.
    case compressed(CompressedAttention)
    /// A recurrence.
    case recurrent(RecurrentMixer)
    /// Attention with keys and values beside a recurrence in the same layer (Falcon-H1).
    case parallel(HeadAttention, RecurrentMixer)
    /// Nothing: the layer is a feed-forward block only.
    case none
}

/// One layer: what it mixes with and what it weighs.
public struct LayerProfile: Sendable, Hashable {
    /// How it mixes tokens.
    public var mixer: TokenMixer
    /// Its parameters by component.
    public var parameters: ComponentAmounts
}
