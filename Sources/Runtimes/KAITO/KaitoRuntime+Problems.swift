internal import Capacity
public import JSON

extension KaitoRuntime {
    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var check = KaitoCheck(spec: spec)
        check.run()
        return check.problems
    }
}

/// Looks for what KAITO cannot do of a specification.
private struct KaitoCheck {
    let spec: DeploymentSpec
    private(set) var problems: [JSONFieldProblem] = []

    /// A stateful set's pods bear its name with ten more characters in a label (controller-revision-hash), of 63 at most.
    private static let longestName = 52

    init(spec: DeploymentSpec) {
        self.spec = spec
    }

    private var source: KaitoOptions.Source { KaitoRuntime.source(spec) }

    mutating func run() {
        let engine = KaitoRuntime.engine(source)
        if KaitoRuntime.engines(spec.mode).contains(spec.engine), spec.engine != engine {
            report("engine", "must be \(engine.rawValue)")
        }
        switch source {
        case .premade: checkPremade()
        case .huggingFace: checkFile()
        case .vllm: checkRepository()
        }
        if source != .vllm, spec.workers.gpus < 1, spec.kaito.compute == .gpu {
            report("resources.gpu", "must be at least 1", for: "the computeType gpu")
        }
        if spec.workers.replicas.count < 1 {
            report("replicas", "must be at least 1", for: "the provider kaito")
        }
        if spec.name.utf8.count > Self.longestName {
            report("name", "must have at most \(Self.longestName) characters", for: "the provider kaito")
        }
    }

    private mutating func report(_ field: String, _ message: String, for reason: String? = nil) {
        let reason = reason ?? "the modelSource \(source.rawValue)"
        problems.append(JSONFieldProblem(field, "\(message) with \(reason)"))
    }

    private mutating func refuse(_ field: String, if isGiven: Bool, _ reason: String? = nil) {
        if isGiven { report(field, "must be left out", for: reason) }
    }

    private mutating func checkPremade() {
        refuse("ggufFile", if: spec.model.file != nil)
        guard let id = spec.kaito.premade else {
            report("premadeModel", "is required")
            return
        }
        guard let model = PremadeModel.named(id) else {
            let ids = PremadeModel.all.map(\.id).alternatives
            problems.append(JSONFieldProblem("premadeModel", "must be \(ids)"))
            return
        }
        checkServedName(model.modelName)
        checkImage(nil)
    }

    private mutating func checkFile() {
        refuse("premadeModel", if: spec.kaito.premade != nil)
        if spec.model.id.isEmpty { report("modelId", "is required") }
        guard let file = spec.model.file else {
            report("ggufFile", "is required")
            return
        }
        checkServedName(AIKitImage.servedName(file))
        if spec.kaito.run == .build { checkImage("the ggufRunMode build") }
    }

    private mutating func checkRepository() {
        refuse("premadeModel", if: spec.kaito.premade != nil)
        refuse("ggufFile", if: spec.model.file != nil)
        if spec.model.id.isEmpty { report("modelId", "is required") }
        if spec.workers.gpus < 1 { report("resources.gpu", "must be at least 1") }
        problems += KaitoRuntime.parallelismProblems(of: spec)
    }

    /// AIKit's servers call a model what they will.
    private mutating func checkServedName(_ name: String) {
        guard let wish = spec.model.servedName, wish != name else { return }
        report("servedModelName", "must be left out, or \(name), which is what the model is called")
    }

    /// What an image that brings its model has settled already.
    private mutating func checkImage(_ reason: String?) {
        refuse("contextLength", if: spec.contextLength != nil, reason)
        refuse("modelCache", if: spec.modelCache != nil, reason)
        refuse("revision", if: spec.model.revision != nil, reason)
    }
}
