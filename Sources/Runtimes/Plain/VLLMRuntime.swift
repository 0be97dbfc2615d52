public import Capacity
public import JSON
public import KubernetesModel

/// vLLM, SGLang or TensorRT-LLM in a plain Deployment, which every cluster can run.
public enum VLLMRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.vllm
    /// The objects that stand for its deployments.
    public static let primary = ManifestType.deployment

    private static let port = 8000

    /// The engines that it runs in a mode.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] {
        mode == .aggregated ? [.vllm, .sglang, .tensorRTLLM] : []
    }

    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems =
            parallelismProblems(of: spec) + PlainDeployment.problems(of: spec, id)
            + spec.engine.command.problems(of: spec)
        if let path = NodeModel(spec)?.path, let problem = NodeModel.problem(ofFolder: path) {
            problems.append(JSONFieldProblem("modelPath", problem))
        }
        return problems
    }

    /// The Deployment and its Service, and the config map of an engine that reads one.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        let group = spec.workers
        var pod = EnginePod(
            spec: spec,
            group: group,
            image: spec.image ?? EngineImages.server(spec.engine, usesGPU: true, version: version),
            command: [],
            arguments: [],
            port: port
        )
        let model = spec.model.path ?? spec.model.id
        let listening = ["--host", "0.0.0.0", "--port", String(port)]
        let options = spec.engine.command.options(spec, group)
        switch spec.engine {
        case .sglang:
            pod.command = ["python3", "-m", "sglang.launch_server"]
            pod.arguments = ["--model-path", model] + listening + ["--enable-metrics"] + options
        case .tensorRTLLM:
            pod.command = ["trtllm-serve"]
            pod.configuration = TensorRTLLMCommand.settings(spec)
            pod.arguments =
                [model] + listening + ["--extra_llm_api_options", EnginePod.configurationPath] + options
        case .vllm, .llamaCpp:
            pod.command = ["vllm", "serve"]
            pod.arguments = [model] + listening + options
        }
        return PlainDeployment.manifests(pod)
    }

    /// What a Deployment says; nil when none of its containers is one of the engines'.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        guard var reading = PlainDeployment.read(object, id, serving: engines(.aggregated)) else {
            return nil
        }
        if reading.isManaged { reading.endpoint = ServiceEndpoint(object.name, port: port) }
        return reading
    }

    /// Where each server listens.
    public static func metricsPort(of reading: DeploymentReading) -> Int? { reading.isManaged ? port : nil }
}
