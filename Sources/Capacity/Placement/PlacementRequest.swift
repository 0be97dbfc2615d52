/// What is to be placed: equal replicas, each of one worker or of several on different nodes.
public struct PlacementRequest: Sendable, Hashable {
    /// A taint that pods put up with.
    public struct Toleration: Sendable, Hashable {
        /// The taint's key; empty for any.
        public var key: String
        /// The taint's value; nil for any (`Exists`).
        public var value: String?
        /// The effect; empty for any.
        public var effect: String

        /// A toleration.
        public init(key: String = "", value: String? = nil, effect: String = "") {
            self.key = key
            self.value = value
            self.effect = effect
        }

        /// Whether pods that have it put up with a taint.
        public func tolerates(_ taint: NodeFacts.Taint) -> Bool {
            (key.isEmpty || key == taint.key) && (value.map { $0 == taint.value } ?? true)
                && (effect.isEmpty || effect == taint.effect)
        }
    }

    /// How many replicas.
    public var replicas: Int
    /// How many workers a replica has, each on a node of its own; 1 where the runtime keeps a replica on one node.
    public var workers: Int
    /// The resource of which each worker needs units, such as `nvidia.com/gpu`.
    public var resource: String
    /// How many units each worker needs.
    public var unitsPerWorker: Int64
    /// What each worker needs beside them.
    public var otherRequests: ResourceAmounts
    /// The memory that a unit must have, MiB; nil for any.
    public var minimumUnitMemoryMiB: Int64?
    /// Products that will do, by their labels; empty for any.
    public var products: Set<String>
    /// Labels that nodes must have.
    public var nodeSelector: [String: String]
    /// Taints that the workers put up with. Those on the accelerators' own resource are always put up with, since the API server
    /// lets pods that ask for them do so (`ExtendedResourceToleration`).
    public var tolerations: [Toleration]

    /// A request for replicas of one worker with that many units.
    public init(
        replicas: Int = 1,
        workers: Int = 1,
        resource: String = "nvidia.com/gpu",
        unitsPerWorker: Int64,
        otherRequests: ResourceAmounts = .zero,
        minimumUnitMemoryMiB: Int64? = nil,
        products: Set<String> = [],
        nodeSelector: [String: String] = [:],
        tolerations: [Toleration] = []
    ) {
        self.replicas = replicas
        self.workers = workers
        self.resource = resource
        self.unitsPerWorker = unitsPerWorker
        self.otherRequests = otherRequests
        self.minimumUnitMemoryMiB = minimumUnitMemoryMiB
        self.products = products
        self.nodeSelector = nodeSelector
        self.tolerations = tolerations
    }

    /// What one worker needs of everything.
    public var perWorker: ResourceAmounts {
        var amounts = otherRequests
        amounts[resource] = unitsPerWorker
        return amounts
    }
}
