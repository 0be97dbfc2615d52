public import Capacity
public import KubernetesModel

/// KAITO: a Workspace, with pods of Ingot's making in it (kaito.sh/v1beta1, kaito-project/kaito).
public enum KaitoRuntime: Runtime {
    /// Which one it is.
    public static let id = RuntimeID.kaito
    /// The objects that stand for its deployments.
    public static let primary = ManifestType("kaito.sh", "v1beta1", "workspaces", kind: "Workspace")

    /// A workspace's number of nodes cannot be changed, and of another template its stateful set hears nothing
    /// (api/v1beta1/workspace_validation.go and `applyInference` in pkg/workspace/controllers/workspace_controller.go).
    public static let permanence: String? = "KAITO makes the pods of a workspace once and leaves them so"

    /// The label that KAITO puts on a workspace's pods.
    static let workspaceLabel = "kaito.sh/workspace"

    /// The engines that it runs in a mode: vLLM for repositories, llama.cpp for GGUF files and prebuilt images.
    public static func engines(_ mode: ServingMode) -> [InferenceEngine] {
        mode == .aggregated ? [.vllm, .llamaCpp] : []
    }

    /// Where the model comes from, as a specification says or its fields tell.
    static func source(_ spec: DeploymentSpec) -> KaitoOptions.Source {
        if let source = spec.kaito.source { return source }
        if spec.kaito.premade != nil { return .premade }
        return spec.model.file == nil ? .vllm : .huggingFace
    }

    /// The engine that serves a model from there.
    static func engine(_ source: KaitoOptions.Source) -> InferenceEngine {
        source == .vllm ? .vllm : .llamaCpp
    }

    /// The engine that it takes for a wish that names none.
    public static func usualEngine(for request: DeploymentRequest) -> InferenceEngine {
        engine(source(request.spec(on: id, engine: .vllm, namespace: "default")))
    }

    /// The objects for a specification.
    public static func manifests(for spec: DeploymentSpec, version: Int) -> [Manifest] {
        KaitoWorkspace(spec: spec, version: version).manifests
    }

    /// Where the server of each pod listens: KAITO's own service leads to port 5000.
    public static func metricsPort(of reading: DeploymentReading) -> Int? {
        reading.spec.map { source($0) == .vllm ? 8000 : 5000 }
    }

    /// What a Workspace says; nil when it does not serve but tunes a model.
    public static func read(_ object: KubernetesObject) -> DeploymentReading? {
        KaitoReading(object)?.reading
    }
}
