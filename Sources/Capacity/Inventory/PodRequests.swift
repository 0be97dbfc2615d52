/// What a pod's containers ask for, by which the scheduler sets resources aside.
public struct PodRequests: Sendable {
    /// When a container runs.
    public enum Role: Sendable {
        /// With the pod.
        case main
        /// Before the others, to its end.
        case initial
        /// An init container that restarts always: from its turn on, with the pod.
        case sidecar
    }

    private var running = ResourceAmounts.zero
    private var sidecars = ResourceAmounts.zero
    private var initial = ResourceAmounts.zero

    /// A pod without containers.
    public init() {}

    /// Adds a container; init containers and sidecars in the order in which they start.
    public mutating func add(_ requests: ResourceAmounts, _ role: Role) {
        switch role {
        case .main: running = running + requests
        case .sidecar:
            sidecars = sidecars + requests
            initial = initial.union(sidecars)
        case .initial: initial = initial.union(sidecars + requests)
        }
    }

    /// What the scheduler sets aside for the pod: the most that is needed at one time, and the overhead of its runtime class.
    ///
    /// The rule is Kubernetes' own (KEP-753, "Resources calculation for scheduling and pod admission").
    public func total(overhead: ResourceAmounts = .zero) -> ResourceAmounts {
        (running + sidecars).union(initial) + overhead
    }
}
