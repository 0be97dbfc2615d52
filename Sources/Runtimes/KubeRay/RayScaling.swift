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

    /// Between which numbers of workers the cluster's autoscaler may choose.
    ///
    /// Serve holds the bounds of the replicas, and the autoscaler makes the workers that these need and no more. Bounds of the workers
    /// as narrow as that could not be moved without another cluster: KubeRay passes no change of them on to the one that runs, and
    /// does not take it for a reason to make another (ray-operator/controllers/ray: shouldUpdateCluster,
    /// GenerateHashWithoutReplicasAndWorkersToDelete).
    static let workers = 0...1000

    init(_ range: ReplicaRange) {
        let isBounded = range.minimum != nil || range.maximum != nil
        let lower = range.minimum ?? min(range.count, range.maximum ?? range.count)
        let upper = max(lower, range.maximum ?? max(range.count, lower), 1)
        count = min(max(range.count, lower), upper)
        minimum = lower
        maximum = upper
        isAutomatic = isBounded && lower < upper
    }
}
