public import JSON

/// All that a diagnosis is made from. Whatever is nil is not known, and nothing is concluded from it.
public struct DiagnosisFacts: Sendable, Hashable {
    /// What the deployment's object says.
    public var reading: DeploymentReading
    /// How it stands.
    public var standing: DeploymentStanding
    /// Its pods.
    public var pods: [ServingPod]
    /// The events of its objects and pods.
    public var events: [ClusterEvent] = []
    /// The time.
    public var now: Timestamp
    /// When deletion was asked for; nil when it was not.
    public var deletionRequested: Timestamp?
    /// What holds back the deletion of its object.
    public var finalizers: [String] = []
    /// Whether there is what serves it.
    public var runtime: RuntimePresence?
    /// What GPUs there are.
    public var gpus: GPUAvailability?
    /// Which nodes are ready and which are not.
    public var nodesReady: [String: Bool]?
    /// The nodes with the labels that its workers ask for.
    public var selectedNodes: SelectedNodes?
    /// The quotas of its namespace.
    public var quotas: [QuotaUse] = []
    /// The secrets of its namespace that it refers to and that are there, each with its keys.
    public var secrets: [String: Set<String>]?
    /// Whether the model is given only to those whom its owners let have it.
    public var isModelGated: Bool?
    /// Whether the model fits the GPUs that it was asked for with.
    public var fit: ModelFit?
    /// The last lines of the containers' logs.
    public var logs: [ContainerLog] = []

    /// What is known of every deployment.
    public init(_ reading: DeploymentReading, _ pods: [ServingPod], now: Timestamp) {
        self.reading = reading
        self.pods = pods
        self.now = now
        standing = DeploymentStanding(reading, pods)
    }
}

/// Whether a cluster has what a runtime needs.
public struct RuntimePresence: Sendable, Hashable {
    /// Whether the kinds of its objects are defined.
    public var isDefined: Bool
    /// Whether its operator runs; nil when it could not be looked for, or when it needs none.
    public var isOperatorRunning: Bool?
    /// What is wrong with the operator; empty for nothing.
    public var message: String

    /// What was found.
    public init(isDefined: Bool, isOperatorRunning: Bool?, message: String = "") {
        self.isDefined = isDefined
        self.isOperatorRunning = isOperatorRunning
        self.message = message
    }
}

/// The GPUs of a cluster.
public struct GPUAvailability: Sendable, Hashable {
    /// How many there are.
    public var total: Int
    /// How many are free, by their product.
    public var free: [String: Int]
    /// How many one node has free at most.
    public var largestFreeBlock: Int
    /// How many one node has at most, free or not.
    public var largestNode: Int
    /// The strict taints of nodes with GPUs, as `key=value:effect`.
    public var taints: [String]

    /// What was counted.
    public init(
        total: Int,
        free: [String: Int],
        largestFreeBlock: Int,
        largestNode: Int,
        taints: [String] = []
    ) {
        self.total = total
        self.free = free
        self.largestFreeBlock = largestFreeBlock
        self.largestNode = largestNode
        self.taints = taints
    }

    /// How many are free, whatever their product.
    public var freeTotal: Int { free.values.reduce(0, +) }
}

/// The nodes that workers may go to by their labels.
public struct SelectedNodes: Sendable, Hashable {
    /// How many there are, of whatever condition.
    public var count: Int
    /// How many of them are not ready.
    public var notReady: Int
    /// How many of them take no new pods.
    public var cordoned: Int

    /// What was counted.
    public init(count: Int, notReady: Int, cordoned: Int) {
        self.count = count
        self.notReady = notReady
        self.cordoned = cordoned
    }
}

/// How much of one resource a quota allows, and how much of it is used.
public struct QuotaUse: Sendable, Hashable {
    /// The quota's name.
    public var quota: String
    /// The resource, such as `requests.nvidia.com/gpu`.
    public var resource: String
    /// What is used, as Kubernetes writes amounts.
    public var used: String
    /// What is allowed, as Kubernetes writes amounts.
    public var hard: String

    /// A quota's figures of a resource.
    public init(quota: String, resource: String, used: String, hard: String) {
        self.quota = quota
        self.resource = resource
        self.used = used
        self.hard = hard
    }
}

/// The last lines that a container wrote.
public struct ContainerLog: Sendable, Hashable {
    /// The pod.
    public var pod: String
    /// The container.
    public var container: String
    /// Whether they are from the container before it was started again.
    public var isPrevious: Bool
    /// The lines, the last one last.
    public var lines: [String]

    /// Such lines.
    public init(pod: String, container: String, isPrevious: Bool = false, lines: [String]) {
        self.pod = pod
        self.container = container
        self.isPrevious = isPrevious
        self.lines = lines
    }
}
