import KubernetesModel

/// Ranks the nodes that can take a pod.
///
/// As upstream's default plugins with their weights, and one difference that clusters of GPUs make: extended resources are
/// packed (`MostAllocated`), so that whole nodes stay free for the pods that need eight, while CPU and memory are spread
/// (`LeastAllocated`); and pods that need no such device keep away from the nodes that have some.
struct NodeScore: Sendable {
    private static let affinityWeight = 2.0
    private static let taintWeight = 3.0
    private static let spreadWeight = 2.0
    private static let deviceWeight = 5.0
    private static let machineWeight = 3.0
    private static let best = 100.0

    let pod: PodRequirements
    let spread: SpreadCounts
    let neighbours: NeighbourCounts
    /// Whether this machine has commands for all of the pod's images.
    let runsHere: Bool

    init(_ pod: PodRequirements, runsHere: Bool, in snapshot: SchedulingSnapshot) {
        self.pod = pod
        self.runsHere = runsHere
        spread = SpreadCounts(pod, in: snapshot)
        neighbours = NeighbourCounts(pod, in: snapshot)
    }

    /// The best of the nodes; of equals the first by name. Nil when there are none.
    func best(of nodes: [NodeState]) -> NodeState? {
        guard nodes.count > 1 else { return nodes.first }
        let affinities = Self.normalized(
            nodes.map { Double(pod.nodeAffinity.preference(name: $0.name, labels: $0.labels)) }
        )
        let wishes = Self.normalized(nodes.map { Double(neighbours.preference($0)) })
        let taints = Self.normalized(nodes.map { node in -Double(untoleratedWishes(node)) })
        let crowds = Self.normalized(nodes.map { -Double(spread.crowd($0)) })
        var best: (score: Double, node: NodeState)?
        for (index, node) in nodes.enumerated() {
            let score =
                freedom(node) + devices(node) * Self.deviceWeight + reality(node) * Self.machineWeight
                + (affinities[index] + wishes[index]) * Self.affinityWeight
                + taints[index] * Self.taintWeight + crowds[index] * Self.spreadWeight
            if let present = best, (present.score, node.name) >= (score, present.node.name) { continue }
            best = (score, node)
        }
        return best?.node
    }

    private func untoleratedWishes(_ node: NodeState) -> Int {
        node.taints.count { $0.effect == .preferNoSchedule && !pod.tolerates($0) }
    }

    /// The share of CPU and memory that stays free.
    private func freedom(_ node: NodeState) -> Double {
        let estimate = NodeState.estimate(pod)
        let shares = ["cpu", "memory"].map { name in
            Self.share(node.estimated[name] + estimate[name], of: node.allocatable[name])
        }
        return (1 - shares.reduce(0, +) / Double(shares.count)) * Self.best
    }

    /// The share of the wanted devices that would be taken; for a pod that wants none, whether the node has none.
    private func devices(_ node: NodeState) -> Double {
        let wanted = pod.requests.names.filter { Self.isExtended($0) && pod.requests[$0] > .zero }
        guard !wanted.isEmpty else {
            return node.allocatable.names.contains { Self.isExtended($0) && node.allocatable[$0] > .zero }
                ? 0 : Self.best
        }
        let shares = wanted.map {
            Self.share(node.requested[$0] + pod.requests[$0], of: node.allocatable[$0])
        }
        return shares.reduce(0, +) / Double(shares.count) * Self.best
    }

    /// What can really run is better run than simulated.
    private func reality(_ node: NodeState) -> Double { runsHere && node.isThisMachine ? Self.best : 0 }

    private static func isExtended(_ name: String) -> Bool { name.contains("/") }

    private static func share(_ part: Quantity, of whole: Quantity) -> Double {
        whole > .zero ? min(1, Double(part.nano) / Double(whole.nano)) : 1
    }

    /// Moves the values onto 0 to 100; equal ones all to 0.
    private static func normalized(_ values: [Double]) -> [Double] {
        guard let least = values.min(), let most = values.max(), most > least else {
            return values.map { _ in 0 }
        }
        return values.map { ($0 - least) / (most - least) * best }
    }
}
