import JSON
import KubernetesModel

/// A node as the scheduler sees it: what it offers, what is taken of it, and who is there.
struct NodeState: Sendable {
    let name: String
    let labels: [String: String]
    let taints: [Taint]
    let isUnschedulable: Bool
    let allocatable: ResourceList
    /// Whether its pods are processes of this machine, which only runs the images that it names.
    let isThisMachine: Bool

    private(set) var requested = ResourceList()
    /// As `requested`, with a small amount for containers that request nothing: so that many of those spread as well.
    private(set) var estimated = ResourceList()
    private(set) var pods: [PodRequirements] = []

    init(_ node: KubernetesObject) {
        name = node.name
        labels = node.labels
        taints = (node.spec["taints"]?.arrayValue ?? []).compactMap(Taint.init(json:))
        isUnschedulable = node.spec["unschedulable"]?.boolValue ?? false
        allocatable = ResourceList(json: node.status["allocatable"])
        isThisMachine = labels[NodeLabels.thisMachine] == "true"
    }

    mutating func add(_ pod: PodRequirements) {
        requested += pod.requests
        estimated += Self.estimate(pod)
        pods.append(pod)
    }

    mutating func remove(_ pod: PodRequirements) {
        guard let index = pods.firstIndex(where: { $0.uid == pod.uid }) else { return }
        let present = pods.remove(at: index)
        requested -= present.requests
        estimated -= Self.estimate(present)
    }

    /// 100m and 200 MiB for a pod that requests none (upstream: `schedutil.DefaultMilliCPURequest`).
    static func estimate(_ pod: PodRequirements) -> ResourceList {
        var requests = pod.requests
        if requests["cpu"] == .zero { requests["cpu"] = Quantity(milli: 100) }
        if requests["memory"] == .zero { requests["memory"] = Quantity(200 << 20) }
        return requests
    }
}

/// All nodes and pods of one moment, kept up to date with what the scheduler decides meanwhile.
struct SchedulingSnapshot: Sendable {
    private(set) var nodes: [NodeState]
    private let indices: [String: Int]
    private let namespaceLabels: [String: [String: String]]
    /// How many pods there are with required anti-affinity, which all others must heed.
    private var repellingPods = 0

    init(nodes: [NodeState], pods: [PodRequirements], namespaceLabels: [String: [String: String]]) {
        self.nodes = nodes
        self.namespaceLabels = namespaceLabels
        var indices: [String: Int] = [:]
        for (index, node) in nodes.enumerated() { indices[node.name] = index }
        self.indices = indices
        for pod in pods { add(pod, to: pod.nodeName) }
    }

    mutating func add(_ pod: PodRequirements, to node: String) {
        guard let index = indices[node] else { return }
        nodes[index].add(pod)
        if !pod.antiAffinity.isEmpty { repellingPods += 1 }
    }

    mutating func remove(_ pod: PodRequirements, from node: String) {
        guard let index = indices[node] else { return }
        nodes[index].remove(pod)
        if !pod.antiAffinity.isEmpty { repellingPods -= 1 }
    }

    func labels(ofNamespace name: String) -> [String: String] { namespaceLabels[name] ?? [:] }

    var hasRepellingPods: Bool { repellingPods > 0 }
}
