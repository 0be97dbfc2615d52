public import Capacity
public import JSON
public import KubernetesModel

/// How a runtime serves models: from a specification to objects, and from objects to how the deployment stands. It does nothing by
/// itself: values in, values out.
public protocol Runtime: Sendable {
    /// Which one it is.
    static var id: RuntimeID { get }
    /// The objects that stand for its deployments.
    static var primary: ManifestType { get }
    /// The engines that it runs in a mode, the usual one first.
    static func engines(_ mode: ServingMode) -> [InferenceEngine]
    /// What of a specification it cannot do.
    static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem]
    /// The objects for a specification without problems, the one that stands for the deployment first, as that version of the
    /// renderer makes them. Objects that belong to the first are to be made after it, with a reference to it as their owner.
    static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest]
    /// What an object says; nil when it serves no model.
    static func read(_ object: KubernetesObject) -> DeploymentReading?
    /// Where a deployment tells its metrics at `/metrics`, as text that Prometheus reads; nil when that is not known.
    static func metricsEndpoint(of reading: DeploymentReading) -> ServiceEndpoint?
    /// Why pods stay as they were made, whatever is wished for later, for people; nil where they follow.
    static var permanence: String? { get }
    /// The port at which each of a deployment's pods tells its own metrics, when none tells those of the others; nil where one of them
    /// does, or where that is not known.
    static func metricsPort(of reading: DeploymentReading) -> Int?
}

extension Runtime {
    /// Most runtimes replace the pods of a deployment that is changed.
    public static var permanence: String? { nil }

    /// Where the deployment is asked.
    public static func metricsEndpoint(of reading: DeploymentReading) -> ServiceEndpoint? {
        reading.endpoint.map { ServiceEndpoint($0.service, port: $0.port) }
    }

    /// None: a frontend or a head tells what all do.
    public static func metricsPort(of reading: DeploymentReading) -> Int? { nil }
}

/// The runtimes.
public enum Runtimes {
    /// The version of the renderer. What a version makes of a specification never changes: a change of manifests is a new version,
    /// and the older ones go on to render what they have rendered.
    public static let rendererVersion = 2

    /// All of them, in the order in which they are preferred where several could serve.
    public static let all: [any Runtime.Type] = [
        DynamoRuntime.self, KubeRayRuntime.self, KServeRuntime.self, KaitoRuntime.self, VLLMRuntime.self,
        LlamaCppRuntime.self,
    ]

    /// The runtime with that id.
    public static func runtime(_ id: RuntimeID) -> (any Runtime.Type)? {
        all.first { $0.id == id }
    }
}

extension Runtime {
    /// The objects for a specification, as they are to be made.
    ///
    /// - Parameter version: the version of the renderer: the newest, or the one that an existing deployment was rendered by.
    /// - Throws: what the runtime cannot do.
    public static func render(
        _ spec: DeploymentSpec,
        version: Int = Runtimes.rendererVersion
    ) throws(InvalidDeployment) -> [Manifest] {
        let problems = generalProblems(of: spec) + problems(of: spec)
        guard problems.isEmpty else { throw InvalidDeployment(problems) }
        return OwnMarks.sealed(manifests(for: spec, version: version), spec, version: version)
    }

    /// What no runtime could do.
    private static func generalProblems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems: [JSONFieldProblem] = []
        let engines = engines(spec.mode)
        if !engines.contains(spec.engine) {
            let names = engines.map(\.rawValue).alternatives
            problems.append(
                JSONFieldProblem(
                    "engine",
                    engines.isEmpty
                        ? "\(id.rawValue) does not serve in the mode \(spec.mode.rawValue)"
                        : "must be \(names) with the provider \(id.rawValue) and the mode \(spec.mode.rawValue)"
                )
            )
        }
        return problems
    }

    /// What is wrong with the parallelism of a deployment whose every worker is one pod on one node.
    static func parallelismProblems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems: [JSONFieldProblem] = []
        let ranks = (spec.tensorParallel ?? 1) * (spec.pipelineParallel ?? 1)
        for group in spec.groups where group.gpus > 0 && ranks > 1 {
            let field = group.role == .whole ? "resources.gpu" : "\(group.role.rawValue)Gpus"
            if spec.tensorParallel != nil, ranks != group.gpus {
                problems.append(
                    JSONFieldProblem(
                        "tensorParallelSize",
                        "times pipelineParallelSize is \(ranks), which must be \(field), \(group.gpus)"
                    )
                )
            } else if group.gpus % ranks != 0 {
                problems.append(
                    JSONFieldProblem("pipelineParallelSize", "must divide \(field), which is \(group.gpus)")
                )
            }
        }
        return problems
    }
}
