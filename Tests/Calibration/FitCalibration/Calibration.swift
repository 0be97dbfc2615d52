internal import Capacity
public import JSON

/// The published measurements and what the estimate says to each.
public struct Calibration: Sendable {
    /// One comparison.
    public struct Comparison: Sendable {
        /// The record's name.
        public let id: String
        /// What the estimate says.
        public let predicted: Double
        /// What was measured.
        public let measured: Double

        /// By how much the estimate is off, as a part of what was measured.
        public var error: Double { predicted / measured - 1 }
    }

    /// One judgement.
    public struct Judgement: Sendable {
        /// The record's name.
        public let id: String
        /// Whether the engine served.
        public let serves: Bool
        /// Whether the estimate says that it fits, even if everything takes as much memory as it may.
        public let fits: Bool
    }

    /// The records.
    public let records: [CalibrationRecord]
    /// GiB of weights on a GPU.
    public let weights: [Comparison]
    /// Tokens of a cache of the size that the engine printed.
    public let tokensOfCache: [Comparison]
    /// Tokens from the model, the card and the fraction alone.
    public let tokens: [Comparison]
    /// Whether the model fits.
    public let judgements: [Judgement]

    /// Compares.
    ///
    /// - Parameters:
    ///   - measurements: the file of measurements.
    ///   - models: the file of models.
    public init(measurements: JSONValue, models: JSONValue) {
        let listed = Dictionary(
            (models["models"]?.arrayValue ?? []).compactMap { model in
                model["id"]?.stringValue.map { ($0, model) }
            },
            uniquingKeysWith: { first, _ in first }
        )
        records = (measurements["records"]?.arrayValue ?? []).compactMap {
            CalibrationRecord($0, models: listed)
        }
        weights = records.compactMap(Self.compareWeights)
        tokensOfCache = records.compactMap(Self.compareCache)
        tokens = records.compactMap(Self.compareTokens)
        judgements = records.compactMap(Self.judge)
    }

    private static func compareWeights(_ record: CalibrationRecord) -> Comparison? {
        guard let measured = record.weights, let profile = record.profile, profile.vocabularySize > 1,
            let bytes = Fit.weights(profile, record.request, on: record.device, record.parallelism)
        else { return nil }
        return Comparison(id: record.id, predicted: bytes.gibibytes, measured: measured)
    }

    private static func compareCache(_ record: CalibrationRecord) -> Comparison? {
        guard let cache = record.cache, cache > 0, let tokens = record.tokens, let profile = record.profile,
            let capacity = Fit.capacity(
                ofCache: ByteCount.gibibytes(cache),
                profile,
                record.request,
                on: record.device,
                record.parallelism
            )
        else { return nil }
        let whole = Double(ByteCount.gibibytes(cache)) / capacity.bytesPerToken
        let predicted = record.countsWholeLayersOnly ? whole : Double(capacity.tokens)
        return Comparison(id: record.id, predicted: predicted, measured: Double(tokens))
    }

    private static func compareTokens(_ record: CalibrationRecord) -> Comparison? {
        guard record.isComplete, let tokens = record.tokens, let candidate = candidate(record) else {
            return nil
        }
        return Comparison(id: record.id, predicted: Double(candidate.cache.tokens), measured: Double(tokens))
    }

    private static func judge(_ record: CalibrationRecord) -> Judgement? {
        guard record.isSized, let candidate = candidate(record) else { return nil }
        return Judgement(id: record.id, serves: record.outcome == .serves, fits: candidate.fits)
    }

    /// The estimate for the whole start. Where the record does not tell the fraction, it is 0.95, what people raise it to; where
    /// it does not tell the context, 2,048 tokens are asked for, since it served some.
    private static func candidate(_ record: CalibrationRecord) -> FitCandidate? {
        guard let profile = record.profile, profile.vocabularySize > 1 else { return nil }
        var request = record.request
        if request.engine == .vllm, request.options.memoryFraction == nil {
            request.options.memoryFraction = 0.95
        }
        if request.workload.contextLength == nil, record.outcome == .serves {
            request.workload.contextLength = 2048
        }
        return Fit.evaluate(profile, request).best
    }
}

extension [Calibration.Comparison] {
    /// The mean of the errors' absolute values.
    public var meanError: Double { isEmpty ? 0 : map { abs($0.error) }.reduce(0, +) / Double(count) }

    /// The median of the errors' absolute values.
    public var medianError: Double {
        let sorted = map { abs($0.error) }.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
