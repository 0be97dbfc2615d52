/// The answer: whether a model fits, how, and with which figures.
public struct FitReport: Sendable, Hashable {
    /// The answer in one word.
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// It does, even if everything takes as much memory as it may.
        case fits
        /// It does not as asked, but it does with a change that is named.
        case fitsWithChanges = "fits_with_changes"
        /// It does not.
        case doesNotFit = "does_not_fit"
        /// The engine does not run the model.
        case unsupported
        /// A fact is missing.
        case unknown
    }

    /// How far the figures may be trusted.
    public enum Confidence: String, Sendable, Hashable, CaseIterable {
        /// The engine printed them at an earlier start.
        case measured
        /// The weights are known exactly; the rest is computed.
        case exactWeights = "exact_weights"
        /// From the configuration.
        case configuration = "config_only"
        /// From the number of parameters.
        case parameterCount = "parameter_count_only"

        /// The error to expect of the number of cached tokens, in percent. See Docs/fit.md for where it comes from.
        public var errorPercent: Double {
            switch self {
            case .measured: 1
            case .exactWeights: 6
            case .configuration: 8
            case .parameterCount: 25
            }
        }
    }

    /// The answer.
    public var verdict: Verdict
    /// How far to trust it.
    public var confidence: Confidence
    /// The ways to serve the model, the best first: those that fit, by fewest GPUs, then by most headroom. Where none fits, the
    /// one that comes nearest.
    public var candidates: [FitCandidate]
    /// What is in the way.
    public var blockers: [FitBlocker]
    /// Changes each of which makes it fit, the smallest first.
    public var changes: [FitChange]
    /// What the usual rule says.
    public var baseline: BaselineEstimate
    /// The engine's version that was reckoned with.
    public var engineVersion: EngineVersion
    /// The context that was asked for, or the model's own; nil when neither is known.
    public var contextLength: Int?
    /// What was assumed, in words.
    public var assumptions: [String]

    /// The best way to serve the model; nil when nothing could be reckoned.
    public var best: FitCandidate? { candidates.first }
}

/// The usual rule, `(parameters × 2) × 1.2`, kept for comparison and for fields that are defined by it.
public struct BaselineEstimate: Sendable, Hashable {
    /// The bytes that it gives.
    public let bytes: Int64

    /// Of so many parameters.
    public init(parameters: Int64) {
        bytes = Int64(saturating: Double(max(0, parameters)) * 2 * 1.2)
    }

    /// In 10^9 bytes, rounded to one decimal.
    public var gigabytes: Double { (Double(bytes) / 1e8).rounded() / 10 }

    /// The same with its unit, as in `19.3GB`.
    public var text: String { "\(gigabytes)GB" }
}

/// One way to serve the model.
public struct FitCandidate: Sendable, Hashable {
    /// The kind of GPU.
    public var device: FitDevice
    /// How the model is spread.
    public var parallelism: Parallelism
    /// How many replicas the GPUs of this kind hold side by side.
    public var replicas: Int
    /// Whether it fits even if everything takes as much memory as it may.
    public var fits: Bool
    /// The weights' format.
    public var quantization: String
    /// The dtype of keys and values.
    public var keyValueDtype: String
    /// The memory of one GPU, the fullest, line by line.
    public var budget: MemoryBudget
    /// What the cache holds.
    public var cache: CacheCapacity
    /// The engine's arguments.
    public var arguments: [String]
    /// What is in the way of this candidate.
    public var blockers: [FitBlocker]
}

/// What a cache holds.
public struct CacheCapacity: Sendable, Hashable {
    /// Bytes on a GPU by which the cache of a long sequence grows with each token.
    public var bytesPerToken: Double
    /// Bytes on a GPU that a sequence takes however long it is.
    public var bytesPerSequence: Double
    /// Bytes on a GPU that one sequence of the asked length takes.
    public var bytesPerRequest: Int64
    /// Tokens, as the engine prints them.
    public var tokens: Int64
    /// Tokens if everything takes as much memory as it may.
    public var lowTokens: Int64
    /// Tokens if everything takes as little as it may.
    public var highTokens: Int64
    /// Sequences of the asked length at once.
    public var concurrency: Double
    /// The longest sequence that surely fits, at most the model's longest.
    public var largestContext: Int
}

/// The memory of one GPU, line by line.
public struct MemoryBudget: Sendable, Hashable {
    /// One line.
    public struct Line: Sendable, Hashable {
        /// What the memory is for, for programs.
        public let code: Code
        /// Bytes.
        public let bytes: Int64
        /// How the figure came about.
        public let note: String
    }

    /// What memory is for.
    public enum Code: String, Sendable, Hashable {
        /// Weights.
        case weights
        /// Intermediate results of the largest batch.
        case activations
        /// The driver's context, libraries' workspaces.
        case runtime
        /// Buffers for exchange between GPUs.
        case communication
        /// Captured CUDA graphs.
        case graphs = "cuda_graphs"
        /// What encoders of images and sound take at their largest input.
        case multimodal
        /// States of recurrent layers that are allocated up front.
        case states = "recurrent_states"
        /// What a machine whose memory the GPU shares needs itself.
        case system
        /// What others use.
        case others
        /// Adapters.
        case adapters
    }

    /// What a process sees of the GPU, in bytes.
    public var visible: Int64
    /// The engine's fraction.
    public var fraction: Double
    /// What the engine may use, in bytes.
    public var budget: Int64
    /// What it is used for, without the cache.
    public var lines: [Line]
    /// What is left for the cache; negative when there is nothing.
    public var cache: Int64
    /// The same if everything takes as much memory as it may.
    public var lowCache: Int64
    /// The same if everything takes as little as it may.
    public var highCache: Int64
    /// What the cache has beyond what is asked for; negative when it lacks so much.
    public var headroom: Int64

    /// Bytes of one kind.
    public subscript(code: Code) -> Int64 {
        lines.reduce(0) { $1.code == code ? $0.addingSaturated($1.bytes) : $0 }
    }

    /// Bytes of everything but the weights and the cache.
    public var overhead: Int64 {
        lines.reduce(0) { $1.code == .weights ? $0 : $0.addingSaturated($1.bytes) }
    }
}
