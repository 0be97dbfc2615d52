/// Whether a model fits.
///
/// A pure function of what is known: the same profile and request give the same report. The formulae and their sources are in
/// Docs/fit.md.
public enum Fit {
    /// Reckons whether a model fits, on every kind of GPU of the request and for every way to spread it.
    public static func evaluate(_ profile: ModelProfile, _ request: FitRequest) -> FitReport {
        var assessment = FitAssessment(profile, request)
        return assessment.report()
    }

    /// The ways to spread a model over a number of GPUs that the rules allow.
    public static func allowed(_ profile: ModelProfile, gpus: Int, expert: Bool = false) -> [Parallelism] {
        spreads(over: gpus).map { Parallelism(tensor: $0.tensor, pipeline: $0.pipeline, expert: expert) }
            .filter { $0.isAllowed(for: profile) }
    }

    /// What a cache of a known size holds, as for a figure that an engine printed.
    ///
    /// - Returns: nil where the model's layout or the device's memory is not known.
    public static func capacity(
        ofCache bytes: Int64,
        _ profile: ModelProfile,
        _ request: FitRequest,
        on device: FitDevice,
        _ parallelism: Parallelism
    ) -> CacheCapacity? {
        guard profile.hasLayout else { return nil }
        let assessment = FitAssessment(profile, request)
        return assessment.capacity(ofCache: bytes, on: device, parallelism)
    }

    /// The weights that one GPU holds, that of the fullest stage.
    ///
    /// - Returns: nil where they cannot be told.
    public static func weights(
        _ profile: ModelProfile,
        _ request: FitRequest,
        on device: FitDevice,
        _ parallelism: Parallelism
    ) -> Int64? {
        guard profile.unknownQuantization == nil else { return nil }
        return FitAssessment(profile, request).weights(on: device, parallelism)
    }

    /// Ranks and stages whose product is that number.
    static func spreads(over gpus: Int) -> [(tensor: Int, pipeline: Int)] {
        guard gpus > 0 else { return [] }
        return (1...min(gpus, mostStages)).reversed().compactMap { stages in
            gpus % stages == 0 && gpus / stages <= mostRanks ? (gpus / stages, stages) : nil
        }
        .reversed()
    }

    /// More ranks share a layer nowhere.
    private static let mostRanks = 64
    /// More stages are used nowhere.
    private static let mostStages = 16
}

/// The work of one evaluation.
struct FitAssessment {
    /// The model as it would be served.
    let profile: ModelProfile
    let request: FitRequest
    let version: EngineVersion
    private(set) var assumptions: [String]
    private let published: ModelProfile

    init(_ profile: ModelProfile, _ request: FitRequest) {
        published = profile
        self.request = request
        version = request.engineVersion ?? request.engine.referenceVersion
        self.profile = Self.served(profile, request)
        assumptions = profile.assumptions
        if request.engineVersion == nil, request.engine != .llamaCpp {
            assumptions.append("\(request.engine.rawValue) \(request.engine.referenceVersion)")
        }
    }

    /// The model with its weights as the request wants them.
    private static func served(_ profile: ModelProfile, _ request: FitRequest) -> ModelProfile {
        guard let wish = request.options.quantization?.lowercased() else { return profile }
        if let mixture = GGUFMixture(parsing: wish) {
            return profile.ggufFormat == nil ? profile.served(as: mixture) : profile
        }
        guard profile.quantization == nil, profile.ggufFormat == nil else { return profile }
        return switch wish {
        case "fp8": profile.served(as: .onlineFP8)
        case "bitsandbytes", "nf4":
            profile.served(as: QuantizationScheme(method: "bitsandbytes", format: .nf4))
        case "awq", "gptq", "int4":
            profile.served(
                as: QuantizationScheme(method: wish, format: .grouped(bits: 4, group: 128, hasZeros: true))
            )
        case "int8", "w8a8":
            profile.served(as: QuantizationScheme(method: "compressed-tensors", format: .int8))
        case "nvfp4": profile.served(as: QuantizationScheme(method: "modelopt", format: .nvfp4))
        default: profile
        }
    }

    /// The context to reckon with.
    static func length(_ request: FitRequest, _ profile: ModelProfile) -> Int {
        max(1, min(request.workload.contextLength ?? profile.contextLength ?? 4096, 1 << 31))
    }

    mutating func report() -> FitReport {
        let general = modelBlockers()
        var special: [FitBlocker] = []
        if request.devices.allSatisfy({ $0.count == 0 }) {
            special.append(FitBlocker(.noDevices, "No GPU was named"))
        }
        if request.workload.contextLength == nil, profile.contextLength == nil {
            assumptions.append("context 4096: the model tells none")
        }
        if let asked = request.workload.contextLength, let own = profile.contextLength, asked > own {
            assumptions.append("the asked context is longer than the model's own of \(own)")
        }
        // Without the layout or the format there is nothing to reckon.
        let isReckonable = profile.hasLayout && profile.unknownQuantization == nil
        var fitting: [FitCandidate] = []
        var reckoned: ReckonedSpread?
        for device in request.devices where device.count > 0 {
            let own = deviceBlockers(device)
            special += own
            guard own.isEmpty, isReckonable else { continue }
            collect(on: device, &fitting, &reckoned, &special)
        }
        // What comes near is shown only where nothing fits.
        let nearest = fitting.isEmpty ? reckoned.map(candidate) : nil
        fitting.sort(by: Self.isBetter)
        if let shown = fitting.first ?? nearest { assumptions += engineAssumptions(of: shown) }
        let limit = max(1, min(64, request.candidateLimit))
        var report = FitReport(
            verdict: .doesNotFit,
            confidence: confidence(of: fitting.first ?? nearest),
            candidates: fitting.isEmpty ? [nearest].compactMap(\.self) : Array(fitting.prefix(limit)),
            blockers: general + special,
            changes: [],
            baseline: BaselineEstimate(parameters: published.parameters),
            engineVersion: version,
            contextLength: request.workload.contextLength ?? profile.contextLength,
            assumptions: assumptions
        )
        conclude(&report, general: general, special: special, isFitting: !fitting.isEmpty, nearest)
        return report
    }

    /// Decides the verdict.
    ///
    /// - Parameters:
    ///   - general: what is in the way on any GPU.
    ///   - special: what is in the way on some of them.
    private func conclude(
        _ report: inout FitReport,
        general: [FitBlocker],
        special: [FitBlocker],
        isFitting: Bool,
        _ nearest: FitCandidate?
    ) {
        if general.contains(where: \.isUnsupported) {
            report.verdict = .unsupported
        } else if general.contains(where: \.isUnknown) {
            report.verdict = .unknown
        } else if isFitting {
            report.verdict = .fits
            // What other kinds of GPU lack is of no matter then.
            report.blockers = []
        } else if special.contains(where: \.isUnknown) {
            report.verdict = .unknown
        } else if let nearest {
            report.changes = changes(for: nearest)
            report.blockers += nearest.blockers.map { blocker in
                var blocker = blocker
                blocker.fix = blocker.fix ?? report.changes.first
                return blocker
            }
            report.verdict = report.changes.isEmpty ? .doesNotFit : .fitsWithChanges
        } else if special.contains(where: \.isUnsupported) {
            report.verdict = .unsupported
        } else {
            report.changes = special.compactMap(\.fix).filter(makesFit)
            report.verdict = report.changes.isEmpty ? .doesNotFit : .fitsWithChanges
        }
        if report.verdict == .unsupported || report.verdict == .unknown {
            // What cannot be said to fit is not shown as fitting.
            for index in report.candidates.indices { report.candidates[index].fits = false }
        }
    }

    /// Whether another spread, which keeps the rules that the asked one breaks, fits.
    private func makesFit(_ change: FitChange) -> Bool {
        var changed = request
        switch change {
        case .tensorParallel(let ranks): changed.options.tensorParallel = ranks
        case .expertParallel: changed.options.expertParallel = true
        default: return false
        }
        return Fit.evaluate(published, changed).verdict == .fits
    }

    private func confidence(of candidate: FitCandidate?) -> FitReport.Confidence {
        if let candidate, measurement(for: candidate.device, candidate.parallelism) != nil {
            return .measured
        }
        return switch profile.evidence {
        case .exactWeights: .exactWeights
        case .configuration: .configuration
        case .parameterCount: .parameterCount
        }
    }

    /// What the engine printed when it was started so before.
    func measurement(for device: FitDevice, _ parallelism: Parallelism) -> FitMeasurement? {
        request.measurements.first {
            $0.parallelism == parallelism && $0.version == version
                && $0.product == (device.product?.name ?? device.name)
        }
    }

    /// Fewer GPUs, then more headroom, then fewer stages.
    private static func isBetter(_ left: FitCandidate, _ right: FitCandidate) -> Bool {
        let leftKey = (
            left.parallelism.gpus, -left.budget.headroom, left.parallelism.pipeline, left.device.name
        )
        return leftKey < (
            right.parallelism.gpus, -right.budget.headroom, right.parallelism.pipeline, right.device.name
        )
    }
}
