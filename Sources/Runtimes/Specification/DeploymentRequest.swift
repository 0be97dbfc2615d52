public import Capacity
public import JSON
internal import KubernetesModel

/// What is wrong with a wish for a deployment, field by field.
public struct InvalidDeployment: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems; at least one.
    public let problems: [JSONFieldProblem]

    /// Such problems.
    public init(_ problems: [JSONFieldProblem]) {
        self.problems = problems
    }

    /// All of them in one text.
    public var description: String { problems.map(\.description).joined(separator: "; ") }
}

/// A wish for a deployment as somebody has written it: runtime, engine and namespace may be left to Ingot.
public struct DeploymentRequest: Sendable, Hashable {
    /// Everything that was wished for. Its runtime, engine and namespace mean nothing where the wish has none.
    private(set) var wish: DeploymentSpec
    /// The runtime; nil leaves the choice to Ingot.
    public let runtime: RuntimeID?
    /// The engine; nil leaves the choice to Ingot.
    public let engine: InferenceEngine?
    /// The namespace; nil for the usual one.
    public let namespace: String?
    /// Whether GPUs were spoken of at all.
    private let namesGPUs: Bool

    /// The model.
    public var model: ServedModel { wish.model }
    /// Whether prompts and answers have workers of their own.
    public var mode: ServingMode { wish.mode }

    /// Reads the body of a request, or what `DeploymentSpec.json` has written.
    ///
    /// - Throws: everything that is wrong with it.
    public init(json: JSONValue) throws(InvalidDeployment) {
        let fields = JSONFields(json)
        runtime = fields.choice("provider", of: RuntimeID.allCases.map(\.rawValue)).flatMap(RuntimeID.init)
        engine = fields.choice("engine", of: InferenceEngine.allCases.map(\.rawValue)).flatMap(
            InferenceEngine.init(rawValue:)
        )
        namespace = fields.text("namespace", SpecSyntax.nameRule, where: SpecSyntax.isName)
        let name = fields.text("name", SpecSyntax.nameRule, where: SpecSyntax.isName)
        if name == nil, fields.value("name") == nil { fields.reportMissing("name") }
        wish = DeploymentSpec(
            name: name ?? "",
            namespace: namespace ?? "",
            runtime: runtime ?? .vllm,
            model: DeploymentRequestReader.model(fields),
            engine: engine ?? .vllm
        )
        namesGPUs = fields.value("resources")?["gpu"].map { !$0.isNull } ?? false
        var reader = DeploymentRequestReader(fields: fields)
        reader.read(into: &wish)
        fields.reportUnknown()
        guard fields.problems.isEmpty else { throw InvalidDeployment(fields.problems) }
    }

    /// The complete specification once the choices have been made.
    ///
    /// - Parameters:
    ///   - runtime: the runtime that serves it.
    ///   - engine: the engine that serves it.
    ///   - namespace: where it goes unless it says so itself.
    public func spec(on runtime: RuntimeID, engine: InferenceEngine, namespace: String) -> DeploymentSpec {
        var spec = wish
        spec.runtime = runtime
        spec.engine = engine
        spec.namespace = self.namespace ?? namespace
        // llama.cpp computes on the processor unless GPUs are asked for.
        if engine == .llamaCpp, !namesGPUs { spec.workers.gpus = spec.kaito.compute == .gpu ? 1 : 0 }
        return spec
    }
}
