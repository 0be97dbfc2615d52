public import Capacity
public import JSON
public import KubernetesModel

/// vLLM, SGLang or TensorRT-LLM in a plain Deployment, which every cluster can run.
public enum VLLMRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.vllm
    /// The objects that stand for its deployments.
    public static let primary = ManifestType.deployment

    /// The engines that it runs in a mode.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] {
        mode == .aggregated ? [.vllm, .sglang, .tensorRTLLM] : []
    }

    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        parallelismProblems(of: spec)
    }

    /// The Deployment and its Service.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        let group = spec.workers
        let model = spec.model.path ?? spec.model.id
        let listening = ["--host", "0.0.0.0", "--port", "8000"]
        let (command, options): ([String], [String]) =
            switch spec.engine {
            default: (["vllm", "serve"], VLLMCommand.options(spec, group))
            }
        return PlainDeployment.manifests(
            EnginePod(
                spec: spec,
                group: group,
                image: spec.image ?? EngineImages.server(spec.engine, usesGPU: true, version: version),
                command: command,
                arguments: [model] + listening + options,
                port: 8000
            )
        )
    }

    /// What a Deployment says; nil when none of its containers is one of the engines'.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        guard object.label(OwnMarks.runtime) == id.rawValue else { return nil }
        var reading = PlainDeployment.read(object, id)
        reading.endpoint = ServiceEndpoint(object.name, port: 8000)
        return reading
    }
}
