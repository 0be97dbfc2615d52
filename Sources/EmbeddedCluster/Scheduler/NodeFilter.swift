import KubernetesModel

/// Why a pod cannot run on a node.
struct Unfit: Sendable, Hashable {
    /// The reasons, in the scheduler's words.
    let reasons: [String]
    /// Whether the removal of other pods from the node could help.
    let isResolvable: Bool

    static func never(_ reason: String) -> Unfit { Unfit(reasons: [reason], isResolvable: false) }
    static func crowded(_ reason: String) -> Unfit { Unfit(reasons: [reason], isResolvable: true) }
}

/// Tells for one pod which nodes can take it. The checks and their order are those of upstream's default plugins, so that a node
/// that fails several is counted under the same one.
struct NodeFilter: Sendable {
    let pod: PodRequirements
    /// Whether this machine, if it is a node, can run the pod's images, or the pod asks for it all the same.
    let mayRunHere: Bool
    private let spread: SpreadCounts
    private let neighbours: NeighbourCounts

    init(_ pod: PodRequirements, mayRunHere: Bool, in snapshot: SchedulingSnapshot) {
        self.pod = pod
        self.mayRunHere = mayRunHere
        spread = SpreadCounts(pod, in: snapshot)
        neighbours = NeighbourCounts(pod, in: snapshot)
    }

    /// Nil when the node can take the pod.
    func unfit(_ node: NodeState) -> Unfit? {
        if let unfit = unsuitable(node) { return unfit }
        if pod.hostPorts.contains(where: { port in
            node.pods.contains { $0.hostPorts.contains { $0.conflicts(with: port) } }
        }) {
            return .crowded("node(s) didn't have free ports for the requested pod ports")
        }
        if let unfit = overcommitted(node) { return unfit }
        if let unfit = spread.unfit(node) { return unfit }
        return neighbours.unfit(node)
    }

    /// What no removal of pods changes.
    private func unsuitable(_ node: NodeState) -> Unfit? {
        if node.isUnschedulable, !pod.tolerates(Self.unschedulable) {
            return .never("node(s) were unschedulable")
        }
        if !pod.nodeName.isEmpty, pod.nodeName != node.name {
            return .never("node(s) didn't match the requested node name")
        }
        if let taint = node.taints.first(where: { $0.effect != .preferNoSchedule && !pod.tolerates($0) }) {
            return .never("node(s) had untolerated taint {\(taint.key): \(taint.value)}")
        }
        if !pod.nodeAffinity.allows(name: node.name, labels: node.labels) {
            return .never("node(s) didn't match Pod's node affinity/selector")
        }
        if node.isThisMachine, !mayRunHere {
            return .never("node(s) had no command for the pod's images")
        }
        return nil
    }

    static let unschedulable = Taint("node.kubernetes.io/unschedulable", "", .noSchedule)

    private func overcommitted(_ node: NodeState) -> Unfit? {
        var reasons: [String] = []
        var isResolvable = true
        if Int64(node.pods.count) + 1 > node.allocatable["pods"].units { reasons.append("Too many pods") }
        for name in Self.order(pod.requests.names) where pod.requests[name] > .zero {
            let wanted = pod.requests[name]
            guard wanted > node.allocatable[name] - node.requested[name] else { continue }
            reasons.append("Insufficient \(name)")
            if wanted > node.allocatable[name] { isResolvable = false }
        }
        return reasons.isEmpty ? nil : Unfit(reasons: reasons, isResolvable: isResolvable)
    }

    private static func order(_ names: [String]) -> [String] {
        let first = ["cpu", "memory", "ephemeral-storage"]
        return first.filter(names.contains) + names.filter { !first.contains($0) && $0 != "pods" }
    }
}
