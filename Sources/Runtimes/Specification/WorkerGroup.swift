/// Workers that are alike.
public struct WorkerGroup: Sendable, Hashable {
    /// What the workers of a deployment do of a request.
    public enum Role: String, Sendable, Hashable {
        /// All of it.
        case whole
        /// The prompt.
        case prefill
        /// The answer.
        case decode
    }

    /// What they do.
    public let role: Role
    /// How many there are.
    public var replicas: ReplicaRange
    /// GPUs of each; 0 for workers that compute on the CPU.
    public var gpus: Int

    /// A group.
    public init(role: Role, replicas: ReplicaRange = ReplicaRange(), gpus: Int = 1) {
        self.role = role
        self.replicas = replicas
        self.gpus = gpus
    }
}

/// How many workers there are, and between which bounds a runtime that scales by itself may change that.
public struct ReplicaRange: Sendable, Hashable {
    /// How many are wished for, from 0 on.
    public var count: Int
    /// The fewest that a runtime may scale to; nil for no scaling.
    public var minimum: Int?
    /// The most that a runtime may scale to; nil for no scaling.
    public var maximum: Int?

    /// That many, and no others.
    public init(_ count: Int = 1, minimum: Int? = nil, maximum: Int? = nil) {
        self.count = count
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// What one worker asks for beside its GPUs.
public struct WorkerResources: Sendable, Hashable {
    /// Processors as Kubernetes writes them, such as `8` or `500m`; nil for what the runtime takes by itself.
    public var cpu: String?
    /// Memory as Kubernetes writes it, such as `64Gi`; nil for what the runtime takes by itself.
    public var memory: String?
    /// The resource by which GPUs are asked for.
    public var gpuResource = "nvidia.com/gpu"

    /// Nothing in particular.
    public init() {}
}
