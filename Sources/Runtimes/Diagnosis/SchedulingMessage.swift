/// What the scheduler writes when no node takes a pod, such as
/// `0/5 nodes are available: 3 Insufficient nvidia.com/gpu, 2 node(s) had untolerated taint {key: value}. preemption: …`
/// (kubernetes/kubernetes, pkg/scheduler/framework/types.go).
struct SchedulingMessage {
    /// Why some nodes do not take the pod.
    enum Obstacle: Hashable {
        case insufficient(String)
        case taint(String)
        case selector
        case cordoned
        case volume
        case other
    }

    /// The obstacles with the number of nodes that have each, as the scheduler lists them.
    private(set) var obstacles: [(obstacle: Obstacle, nodes: Int)] = []
    /// The number of nodes.
    private(set) var nodes = 0
    /// Whether there is an obstacle that holds for all nodes, without a number.
    private(set) var isVolume = false

    init(_ message: String) {
        // What follows is about pods that could be pushed away.
        let head = message.split(separator: ". preemption:", maxSplits: 1).first ?? Substring(message)
        guard let start = head.firstRange(of: "nodes are available: ") else {
            isVolume = Self.isAboutVolumes(message)
            return
        }
        if let slash = head.firstIndex(of: "/") {
            nodes = Int(head[head.index(after: slash)...].prefix { $0.isNumber }) ?? 0
        }
        var depth = 0
        var part = ""
        for character in head[start.upperBound...] {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            if character == ",", depth == 0 {
                add(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        add(part)
    }

    private mutating func add(_ part: String) {
        var text = part.drop { $0 == " " }
        while text.last == "." || text.last == " " { text.removeLast() }
        let digits = text.prefix { $0.isNumber }
        guard let count = Int(digits) else {
            isVolume = isVolume || Self.isAboutVolumes(String(text))
            return
        }
        let reason = String(text.dropFirst(digits.count).drop { $0 == " " })
        obstacles.append((Self.obstacle(reason), count))
    }

    private static func obstacle(_ reason: String) -> Obstacle {
        if reason.hasPrefix("Insufficient ") { return .insufficient(String(reason.dropFirst(13))) }
        if reason.hasPrefix("Too many pods") { return .other }
        if reason.contains("taint") {
            let taint = reason.split(separator: "{").dropFirst().first?.prefix { $0 != "}" }
            let text = String(taint ?? "")
            return text.hasPrefix("node.kubernetes.io/unschedulable") ? .cordoned : .taint(text)
        }
        if isAboutVolumes(reason) { return .volume }
        if reason.contains("node affinity") || reason.contains("node selector")
            || reason.contains("nodeSelector")
        {
            return .selector
        }
        if reason.contains("unschedulable") { return .cordoned }
        return .other
    }

    private static func isAboutVolumes(_ reason: String) -> Bool {
        let text = reason.lowercased()
        return text.contains("persistentvolumeclaim") || text.contains("persistent volume")
            || text.contains("volume node affinity") || text.contains("max volume count")
            || text.contains("unbound immediate")
    }

    /// Whether a resource is a kind of GPU.
    static func isGPU(_ resource: String) -> Bool {
        resource.contains("/gpu") || resource.contains("nvidia.com/") || resource.contains("amd.com/")
            || resource.contains("intel.com/") || resource.contains("/mig-")
    }

    /// What of the resources lacks: GPUs before all else, since nodes with GPUs are the rarest.
    var lacking: ConstrainedResource? {
        let names = obstacles.compactMap { entry -> String? in
            if case .insufficient(let name) = entry.obstacle { return name }
            return nil
        }
        if names.contains(where: Self.isGPU) { return .gpu }
        if names.contains("cpu") { return .cpu }
        if names.contains("memory") { return .memory }
        return nil
    }

    /// The taints that are not tolerated, apart from those that nodes get while something is wrong with them.
    var taints: [String] {
        obstacles.compactMap { entry in
            guard case .taint(let taint) = entry.obstacle, !taint.hasPrefix("node.kubernetes.io/"),
                !taint.hasPrefix("node-role.kubernetes.io/")
            else { return nil }
            return taint
        }
    }

    /// Whether there are nodes with one of the taints that Kubernetes gives to those that something is wrong with.
    var isOfLostNodes: Bool {
        obstacles.contains { entry in
            guard case .taint(let taint) = entry.obstacle else { return false }
            return taint.hasPrefix("node.kubernetes.io/")
        }
    }

    func contains(_ obstacle: Obstacle) -> Bool { obstacles.contains { $0.obstacle == obstacle } }
}
