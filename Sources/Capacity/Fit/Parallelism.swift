/// How a model is spread over GPUs.
public struct Parallelism: Sendable, Hashable {
    /// Ranks that share each layer.
    public var tensor: Int
    /// Stages that have some of the layers each.
    public var pipeline: Int
    /// Whether ranks have whole experts, not slices of each.
    public var expert: Bool

    /// Such a spread.
    public init(tensor: Int = 1, pipeline: Int = 1, expert: Bool = false) {
        self.tensor = max(1, tensor)
        self.pipeline = max(1, pipeline)
        self.expert = expert
    }

    /// How many GPUs a replica takes.
    public var gpus: Int {
        tensor.multipliedReportingOverflow(by: pipeline).overflow ? .max : tensor * pipeline
    }

    /// The layers of each stage: as even as can be, what is left over going to the stages before the last (vLLM,
    /// `distributed/utils.py`, `get_pp_indices`).
    func stages(ofLayers count: Int) -> [Range<Int>] {
        guard pipeline > 1, count > 0 else { return [0..<count] }
        let stages = min(pipeline, count)
        var sizes = Array(repeating: count / stages, count: stages)
        for extra in 0..<(count % stages) { sizes[(2 * stages - 2 - extra) % stages] += 1 }
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return start..<start + size
        }
    }
}

// MARK: What divides

extension Parallelism {
    /// A rule of the engines that a spread breaks.
    private enum BrokenRule {
        case stages(layers: Int)
        case noExperts
        case heads(Int)
        case keyValueHeads(Int)
        case width(String, Int)
        case group(String, Int, size: Int)
    }

    /// Whether a model may be spread so.
    func isAllowed(for profile: ModelProfile) -> Bool { brokenRules(of: profile).isEmpty }

    /// The rules of an engine that this spread breaks; none when it may be.
    func violations(of profile: ModelProfile) -> [FitBlocker] { brokenRules(of: profile).map(blocker) }

    private func blocker(_ rule: BrokenRule) -> FitBlocker {
        switch rule {
        case .stages(let layers):
            FitBlocker(.pipelineStages, "\(layers) layers give no \(pipeline) stages")
        case .noExperts: FitBlocker(.expertParallel, "The model has no experts")
        case .heads(let heads): FitBlocker(.tensorHeads, "\(heads) heads are not divisible by \(tensor)")
        case .keyValueHeads(let heads):
            FitBlocker(
                .tensorKeyValueHeads,
                "\(heads) KV heads and \(tensor) ranks do not divide one another"
            )
        case .width(let what, let width):
            FitBlocker(.tensorWidth, "\(what) \(width) is not divisible by \(tensor)")
        case .group(let what, let width, let size):
            FitBlocker(
                .tensorGroupSize,
                "\(what) \(width) over \(tensor) ranks is no multiple of the group of \(size)"
            )
        }
    }

    private func brokenRules(of profile: ModelProfile) -> [BrokenRule] {
        var rules: [BrokenRule] = []
        if profile.hasLayout, pipeline > profile.layers.count {
            rules.append(.stages(layers: profile.layers.count))
        }
        if expert, profile.experts == 0 { rules.append(.noExperts) }
        guard tensor > 1 else { return rules }
        let heads = profile.attentionHeads
        if heads % tensor != 0 { rules.append(.heads(heads)) }
        for keyValueHeads in profile.keyValueHeadCounts where keyValueHeads > 1 || heads % tensor != 0 {
            let divides = tensor >= keyValueHeads ? tensor % keyValueHeads == 0 : keyValueHeads % tensor == 0
            if !divides { rules.append(.keyValueHeads(keyValueHeads)) }
        }
        if profile.denseWidth % tensor != 0 { rules.append(.width("intermediate size", profile.denseWidth)) }
        if !expert, profile.expertSize % tensor != 0 {
            rules.append(.width("expert size", profile.expertSize))
        }
        return rules.isEmpty ? brokenGroups(of: profile) : rules
    }

    /// A quantised matrix is cut between groups of parameters that share a scale.
    private func brokenGroups(of profile: ModelProfile) -> [BrokenRule] {
        guard let scheme = profile.quantization, scheme.format.groupSize > 1, scheme.method != "mxfp4" else {
            return []
        }
        var rules: [BrokenRule] = []
        func check(_ width: Int, _ what: String, _ format: WeightFormat) {
            guard width > 0, format.groupSize > 1, (width / tensor) % format.groupSize != 0 else { return }
            rules.append(.group(what, width, size: format.groupSize))
        }
        if !profile.isPlain(.feedForward) { check(profile.denseWidth, "intermediate size", scheme.format) }
        if profile.experts > 0, !expert, !profile.isPlain(.experts) {
            check(profile.expertSize, "expert size", scheme.expertFormat)
        }
        return rules
    }
}

extension ModelProfile {
    /// The width of dense blocks; 0 where no layer has one.
    var denseWidth: Int { parametersByComponent[.feedForward] > 0 ? intermediateSize : 0 }

    /// Whether most of a component is stored in 16 bits or more.
    func isPlain(_ component: ParameterComponent) -> Bool {
        let count = parametersByComponent[component]
        return count == 0 || Double(bytesByComponent[component]) / Double(count) > 1.9
    }
}

extension QuantizationScheme {
    /// The format of routed experts.
    var expertFormat: WeightFormat { chosen.value(of: "experts") ?? format }
}
