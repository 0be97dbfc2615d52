public import Capacity
public import JSON

/// What can be said of a deployment, as the API documents it.
public enum DeploymentPhase: String, Sendable, Hashable, CaseIterable {
    /// It waits for something: for nodes, for a volume, for its operator.
    case pending = "Pending"
    /// It is on its way: images are pulled, the engine loads the model.
    case deploying = "Deploying"
    /// It serves.
    case running = "Running"
    /// It does not serve, and will not unless something changes.
    case failed = "Failed"
    /// It is being deleted.
    case terminating = "Terminating"
}

/// How many workers there are.
public struct ReplicaCounts: Sendable, Hashable {
    /// How many are wished for.
    public var desired: Int
    /// How many are ready.
    public var ready: Int
    /// How many have been ready for long enough to count on.
    public var available: Int

    /// Such counts.
    public init(desired: Int, ready: Int = 0, available: Int? = nil) {
        self.desired = desired
        self.ready = ready
        self.available = available ?? ready
    }
}

/// A condition as an operator has written it (metav1.Condition).
public struct DeploymentCondition: Sendable, Hashable {
    /// What it is about.
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    /// Why, in a word; empty for nothing.
    public var reason: String
    /// Why, for people; empty for nothing.
    public var message: String
    /// Since when; nil when it is not told.
    public var since: Timestamp?
}

/// Where a deployment is asked.
public struct ServiceEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// The service, in the deployment's namespace.
    public var service: String
    /// Its port.
    public var port: Int
    /// What stands in paths before OpenAI's `/v1`; empty, or such as `/openai`.
    public var path: String

    /// A service's port.
    public init(_ service: String, port: Int, path: String = "") {
        self.service = service
        self.port = port
        self.path = path
    }

    /// `service:port`.
    public var description: String { "\(service):\(port)" }
}

/// What an object says of the deployment that it stands for, without a look at the pods.
public struct DeploymentReading: Sendable, Hashable {
    /// The deployment's name.
    public var name: String
    /// Its namespace.
    public var namespace: String
    /// The object's UID.
    public var uid: String
    /// The runtime.
    public var runtime: RuntimeID
    /// What it was rendered from; nil when Ingot has not made it.
    public var spec: DeploymentSpec?
    /// Whether Ingot has made it.
    public var isManaged: Bool
    /// The model's id; empty when it is not told.
    public var modelID = ""
    /// What clients call the model.
    public var servedName = ""
    /// The engine; nil when it cannot be told.
    public var engine: InferenceEngine?
    /// Whether prompts and answers have workers of their own.
    public var mode = ServingMode.aggregated
    /// How it stands, as the operator says.
    public var phase = DeploymentPhase.pending
    /// Why, as the operator says; empty for nothing.
    public var message = ""
    /// The workers.
    public var replicas = ReplicaCounts(desired: 1)
    /// GPUs of each worker; nil when it is not told, or not the same for all.
    public var gpus: Int?
    /// The workers that read prompts; nil in the aggregated mode.
    public var prefill: ReplicaCounts?
    /// The workers that write answers; nil in the aggregated mode.
    public var decode: ReplicaCounts?
    /// What the operator has written.
    public var conditions: [DeploymentCondition] = []
    /// Where it is asked; nil when that is not known.
    public var endpoint: ServiceEndpoint?
    /// When it was made.
    public var created: Timestamp?
    /// Whether it is being deleted.
    public var isBeingDeleted = false
    /// How its pods are known.
    public var pods: [PodMark] = []
}

/// Something by which the pods of a deployment, and no others, are known. All of it is about pods in the deployment's namespace.
public enum PodMark: Sendable, Hashable {
    /// A label with a value.
    case label(String, String)
    /// A set of pods that a Deployment of that name has made.
    case deployment(String)

    /// The labels that are looked at.
    public static let labelKeys = [
        OwnMarks.deployment, "nvidia.com/dynamo-graph-deployment-name", "ray.io/cluster",
        "kaito.sh/workspace",
        "serving.kserve.io/inferenceservice",
    ]
}
