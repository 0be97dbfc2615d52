public import Capacity
public import JSON
public import KubernetesModel

/// llama.cpp's server in a plain Deployment, which serves GGUF files on every cluster, also without GPUs. On the embedded cluster it
/// can run on this machine.
public enum LlamaCppRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.llamacpp
    /// The objects that stand for its deployments.
    public static let primary = ManifestType.deployment

    private static let port = 8080
    /// The label of the embedded cluster's node whose pods are processes on the machine that Ingot runs on.
    static let thisMachine = "ingot.dev/this-machine"

    /// The engines that it runs in a mode.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] {
        mode == .aggregated ? [.llamaCpp] : []
    }

    /// What of a specification it cannot do.
    public static func problems(of spec: DeploymentSpec) -> [JSONFieldProblem] {
        var problems = PlainDeployment.problems(of: spec, id) + LlamaCppCommand.problems(of: spec)
        if let path = spec.model.path, !NodeModel.isFile(path) {
            problems.append(JSONFieldProblem("modelPath", "must be a GGUF file with the provider llamacpp"))
        }
        return problems
    }

    /// The Deployment and its Service. A model that is a file on a node is looked for on this machine, unless other nodes are named.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        var spec = spec
        if spec.model.path != nil, spec.nodeSelector.isEmpty { spec.nodeSelector = [thisMachine: "true"] }
        let group = spec.workers
        let pod = EnginePod(
            spec: spec,
            group: group,
            image: spec.image
                ?? EngineImages.server(.llamaCpp, usesGPU: group.gpus > 0, version: version),
            command: [],
            arguments: LlamaCppCommand.source(spec.model)
                + ["--host", "0.0.0.0", "--port", String(port)] + LlamaCppCommand.options(spec, group),
            port: port
        )
        return PlainDeployment.manifests(pod)
    }

    /// What a Deployment says; nil when none of its containers is llama.cpp's server.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        guard var reading = PlainDeployment.read(object, id, serving: [.llamaCpp]) else { return nil }
        if reading.isManaged { reading.endpoint = ServiceEndpoint(object.name, port: port) }
        return reading
    }

    /// Where each server listens.
    public static func metricsPort(of reading: DeploymentReading) -> Int? { reading.isManaged ? port : nil }
}
