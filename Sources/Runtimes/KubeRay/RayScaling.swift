import Capacity

/// How many replicas Ray Serve keeps of a group, and between which bounds it changes that by itself.
struct RayScaling {
    /// How many there are at first, or for good.
    let count: Int
    /// The fewest.
    let minimum: Int
    /// The most.
    let maximum: Int
    /// Whether the bounds were given, and leave room.
    let isAutomatic: Bool

    /// The most workers that the cluster's autoscaler may make for a number of replicas that was given without bounds. Serve asks for
    /// no more than it has been told to keep; a bound as narrow as that could not be moved without another cluster, since KubeRay
    /// leaves those of a running one alone (controllers/ray/rayservice_controller.go, shouldUpdateCluster).
    private static let unbounded = 1000

    init(_ range: ReplicaRange) {
        let isBounded = range.minimum != nil || range.maximum != nil
        let lower = range.minimum ?? min(range.count, range.maximum ?? range.count)
        let upper = max(lower, range.maximum ?? max(range.count, lower), 1)
        count = min(max(range.count, lower), upper)
        isAutomatic = isBounded && lower < upper
        minimum = isBounded ? lower : 0
        maximum = isBounded ? upper : Self.unbounded
    }
}
