public import Capacity
public import JSON

/// A deployment as somebody wishes it: one model, served by one engine on one runtime. It is complete, so that the same
/// specification is rendered alike at any time.
public struct DeploymentSpec: Sendable, Hashable {
    /// The name: of the object that stands for it and, with endings, of what belongs to it.
    public var name: String
    /// The namespace.
    public var namespace: String
    /// The runtime.
    public var runtime: RuntimeID
    /// The model.
    public var model: ServedModel
    /// The engine.
    public var engine: InferenceEngine
    /// Whether prompts and answers have workers of their own.
    public var mode = ServingMode.aggregated
    /// How requests are given to workers.
    public var router = RouterMode.none
    /// The workers that do whole requests: used in the aggregated mode.
    public var workers = WorkerGroup(role: .whole)
    /// The workers that read prompts: used in the disaggregated mode.
    public var prefill = WorkerGroup(role: .prefill)
    /// The workers that write answers: used in the disaggregated mode.
    public var decode = WorkerGroup(role: .decode)
    /// What each worker asks for beside GPUs.
    public var resources = WorkerResources()
    /// GPUs that share each layer; nil for all of a worker.
    public var tensorParallel: Int?
    /// Groups of GPUs that have some layers each; nil for 1.
    public var pipelineParallel: Int?
    /// The longest context in tokens; nil for the model's own.
    public var contextLength: Int?
    /// Whether the engine runs without CUDA graphs.
    public var isEager = true
    /// Whether the engine keeps prompts' KV blocks for later requests that begin alike.
    public var cachesPrefixes = false
    /// Whether the engine runs code that comes with the model.
    public var trustsRemoteCode = false
    /// The part of the GPU memory that the engine may use; nil for its own choice.
    public var memoryFraction: Double?
    /// The most requests in a batch; nil for the engine's own choice.
    public var maxSequences: Int?
    /// Whether long prompts are read in pieces between answers; nil for the engine's own choice.
    public var chunksPrefill: Bool?
    /// Further options of the engine by name, without the dashes in front: `true` for an option without a value.
    public var engineArguments = JSONMembers()
    /// Further words of the engine's command line, as they are.
    public var extraArguments: [String] = []
    /// Environment variables of the workers, in order.
    public var environment: [EnvironmentVariable] = []
    /// The secret with the Hugging Face token (key `HF_TOKEN`); nil for a model that is open to all.
    public var tokenSecret: String?
    /// Labels that a node must have for workers to run there.
    public var nodeSelector: [String: String] = [:]
    /// Taints that workers tolerate, beside those of GPU nodes.
    public var tolerations: [Toleration] = []
    /// Where the engine keeps what it has loaded from the Hub.
    public var modelCache: ModelCache?
    /// The image of the workers; nil for the runtime's own.
    public var image: String?
    /// Annotations of the pods, as the cluster's administrators may want.
    public var podAnnotations: [String: String] = [:]
    /// What only KubeRay knows.
    public var ray = RayOptions()
    /// What only KAITO knows.
    public var kaito = KaitoOptions()

    /// A deployment of a model with everything else as it usually is.
    public init(
        name: String,
        namespace: String,
        runtime: RuntimeID,
        model: ServedModel,
        engine: InferenceEngine
    ) {
        self.name = name
        self.namespace = namespace
        self.runtime = runtime
        self.model = model
        self.engine = engine
    }

    /// The groups of workers that the mode has.
    public var groups: [WorkerGroup] {
        mode == .aggregated ? [workers] : [prefill, decode]
    }

    /// How the GPUs of a worker of a group are shared: tensor × pipeline parallel.
    public func parallelism(of group: WorkerGroup) -> (tensor: Int, pipeline: Int) {
        let pipeline = pipelineParallel ?? 1
        return (tensorParallel ?? max(1, group.gpus / max(1, pipeline)), pipeline)
    }
}

/// A model as it is served.
public struct ServedModel: Sendable, Hashable {
    /// The name on the Hub (`owner/name`), or of this machine's models (`local/…`), or another one where the image brings the model.
    public var id: String
    /// The GGUF file in the repository; nil for the repository as a whole.
    public var file: String?
    /// The path of the model on the nodes, where it is not loaded from the Hub.
    public var path: String?
    /// What clients call it; nil for the id.
    public var servedName: String?
    /// The revision in the repository; nil for the newest.
    public var revision: String?

    /// A model of the Hub.
    public init(id: String, file: String? = nil, path: String? = nil, servedName: String? = nil) {
        self.id = id
        self.file = file
        self.path = path
        self.servedName = servedName
    }

    /// What clients call it.
    public var alias: String { servedName ?? id }
}

/// An environment variable of a container.
public struct EnvironmentVariable: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A variable.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A taint that pods tolerate (Kubernetes: core/v1 Toleration).
public struct Toleration: Sendable, Hashable {
    /// The taint's key; empty for every key.
    public var key = ""
    /// `Exists` or `Equal`.
    public var `operator` = "Exists"
    /// The taint's value.
    public var value = ""
    /// The taint's effect; empty for every effect.
    public var effect = ""

    /// Tolerates every taint.
    public init() {}

    /// Tolerates the taint that nodes with GPUs usually bear.
    public static var gpu: Toleration {
        var toleration = Toleration()
        toleration.key = "nvidia.com/gpu"
        toleration.effect = "NoSchedule"
        return toleration
    }
}

/// A volume on which an engine keeps models.
public struct ModelCache: Sendable, Hashable {
    /// The persistent volume claim, which is there already.
    public var claim: String
    /// Where it is mounted.
    public var mountPath = "/model-cache"

    /// A volume.
    public init(claim: String) {
        self.claim = claim
    }
}
