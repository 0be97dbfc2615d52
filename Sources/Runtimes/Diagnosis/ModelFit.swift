public import Capacity

/// What the reckoning of fit says of a worker's GPUs and the model that it is to serve.
public struct ModelFit: Sendable, Hashable {
    /// Whether it fits.
    public var verdict: FitReport.Verdict
    /// The GPUs of a worker, for people, such as `2 × NVIDIA-L4`.
    public var gpus: String
    /// What is in the way, for people.
    public var obstacles: [String]
    /// Changes each of which makes it fit, those that cost the least first.
    public var changes: [FitChange]
    /// The longest context that the model itself allows; nil when that is not known.
    public var longestContext: Int?
    /// The context that the deployment asks for; nil for the model's own.
    public var askedContext: Int?

    /// What was reckoned.
    public init(
        _ verdict: FitReport.Verdict,
        gpus: String,
        obstacles: [String] = [],
        changes: [FitChange] = [],
        longestContext: Int? = nil,
        askedContext: Int? = nil
    ) {
        self.verdict = verdict
        self.gpus = gpus
        self.obstacles = obstacles
        self.changes = changes
        self.longestContext = longestContext
        self.askedContext = askedContext
    }

    /// Whether it is known that the model does not fit as it was asked for.
    public var isTooLarge: Bool {
        switch verdict {
        case .fitsWithChanges, .doesNotFit, .unsupported: true
        case .fits, .unknown: false
        }
    }

    /// The verdict in a sentence.
    var text: String {
        let why = obstacles.isEmpty ? "" : ": " + obstacles.joined(separator: "; ")
        return verdict == .unsupported
            ? "by reckoning the engine cannot serve the model on \(gpus)\(why)"
            : "by reckoning the model does not fit \(gpus)\(why)"
    }

    /// How many changes are named.
    private static let mostSteps = 4

    /// What would make it fit, the cheapest first.
    var steps: [String] { Array(changes.compactMap(step).prefix(Self.mostSteps)) }

    private func step(_ change: FitChange) -> String? {
        switch change {
        case .contextLength(let length):
            if length < longestContext ?? .max {
                "Set contextLength to \(length) or less: that is the longest context for which \(gpus) has memory."
            } else {
                contextStep
            }
        case .gpus(let count): "Give each worker \(count) GPUs: the model fits then."
        case .memoryFraction(let fraction): "Set gpuMemoryUtilization to \(fraction)."
        case .batch(let sequences, _): "Set maxNumSeqs to \(sequences)."
        case .keyValueDtype(let name): "Keep keys and values as \(name) (kv-cache-dtype in engineArgs)."
        case .quantization(let name): "Serve the model quantized (\(name))."
        case .tensorParallel(let ranks): "Set tensorParallelSize to \(ranks)."
        case .engineVersion(let version): "Use version \(version) of the engine."
        case .expertParallel, .concurrency: nil
        }
    }

    /// The step for a context that no memory would help.
    var contextStep: String? {
        guard let longestContext, let askedContext, askedContext > longestContext else { return nil }
        return "Set contextLength to \(longestContext) or less: the model allows no longer one."
    }
}

extension Diagnosis {
    /// The causes with what the reckoning says of them: beside those that are about memory, and beside the first one, since what does
    /// not fit will not serve once that is mended.
    static func adding(_ fit: ModelFit?, to diagnoses: [Diagnosis]) -> [Diagnosis] {
        guard let fit else { return diagnoses }
        var told = diagnoses
        for index in told.indices {
            let code = told[index].code
            var steps: [String] = []
            if code == .contextTooLong, let step = fit.contextStep { steps.append(step) }
            if fit.isTooLarge, code.isAboutFit || index == 0 && code.isAboutStarting {
                told[index].evidence.append(.init(.model, fit.text))
                steps += fit.steps.filter { !steps.contains($0) }
            }
            told[index].nextSteps =
                code.isAboutFit ? steps + told[index].nextSteps : told[index].nextSteps + steps
        }
        return told
    }
}

extension DiagnosisCode {
    /// Whether the size of the model, or how it is split, is the cause.
    fileprivate var isAboutFit: Bool {
        switch self {
        case .cudaOutOfMemory, .keyValueCacheTooSmall, .contextTooLong, .tensorParallelNotDivisible: true
        default: false
        }
    }

    /// Whether the deployment is meant to start.
    fileprivate var isAboutStarting: Bool {
        switch self {
        case .running, .scaledToZero, .terminating, .terminatingStuck: false
        default: true
        }
    }
}
