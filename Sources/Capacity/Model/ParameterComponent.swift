/// The parts of a model whose weights an engine treats alike when it spreads them over GPUs.
public enum ParameterComponent: Int, Sendable, Hashable, CaseIterable {
    /// The table of token embeddings. Sharded over tensor-parallel ranks by vocabulary; on the first pipeline stage.
    case embedding
    /// The output projection, where it is not the embedding. Sharded by vocabulary; on the last pipeline stage.
    case languageHead
    /// Query and output projections. Sharded by heads.
    case attentionQueryOutput
    /// Key and value projections. Sharded by KV heads, and replicated beyond them.
    case attentionKeyValue
    /// Latent attention's down-projections and a sparse indexer: on every rank.
    case latentReplicated
    /// Latent attention's up-projections. Sharded by heads.
    case latentSharded
    /// Dense feed-forward blocks. Sharded by the intermediate size.
    case feedForward
    /// Routed experts. Sharded by the intermediate size, or whole experts per rank.
    case experts
    /// Experts that see every token. Sharded by the intermediate size.
    case sharedExperts
    /// The routers of experts: on every rank.
    case router
    /// State-space and linear-attention mixers. Sharded by heads.
    case recurrent
    /// Norms, biases of norms, sinks: on every rank.
    case norms
    /// Vision and audio encoders and their projectors.
    case towers
    /// Embeddings added in each layer (Gemma-3n, Gemma-4 E models). Sharded by vocabulary.
    case perLayerEmbedding
    /// Anything else: on every rank.
    case other
}

extension ParameterComponent {
    /// The name as documents have it.
    public var name: String {
        switch self {
        case .embedding: "embedding"
        case .languageHead: "languageHead"
        case .attentionQueryOutput: "attentionQueryOutput"
        case .attentionKeyValue: "attentionKeyValue"
        case .latentReplicated: "latentReplicated"
        case .latentSharded: "latentSharded"
        case .feedForward: "feedForward"
        case .experts: "experts"
        case .sharedExperts: "sharedExperts"
        case .router: "router"
        case .recurrent: "recurrent"
        case .norms: "norms"
        case .towers: "towers"
        case .perLayerEmbedding: "perLayerEmbedding"
        case .other: "other"
        }
    }
}

/// A number for each component: parameters, or bytes.
public struct ComponentAmounts: Sendable, Hashable {
    /// One lane for each component, in place: profiles have such numbers for every layer. Lanes without a component stay 0.
    private var amounts = SIMD16<Int64>(repeating: 0)

    /// Nothing of anything.
    public init() {}

    /// The amount of one component, never negative.
    public subscript(component: ParameterComponent) -> Int64 {
        get { amounts[component.rawValue] }
        set { amounts[component.rawValue] = max(0, newValue) }
    }

    /// All components together.
    public var total: Int64 { amounts.indices.reduce(0) { $0.addingSaturated(amounts[$1]) } }

    /// Adds each component's amount.
    public static func += (left: inout ComponentAmounts, right: ComponentAmounts) {
        let sums = left.amounts &+ right.amounts
        // No amount is negative: a sum is only when it did not fit, and becomes the largest number then.
        left.amounts = (sums | (sums &>> 63)) & SIMD16(repeating: .max)
    }
}

extension Int64 {
    /// The sum, or the last number of the range.
    func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    /// The product, or the last number of the range: sizes come from files that anyone may have written.
    func multipliedSaturated(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self > 0) == (other > 0) ? .max : .min) : product
    }

    /// The product of these, saturated.
    static func product(_ factors: Int64...) -> Int64 {
        factors.reduce(1) { $0.multipliedSaturated(by: $1) }
    }
}
