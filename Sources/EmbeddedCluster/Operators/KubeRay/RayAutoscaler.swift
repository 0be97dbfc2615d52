import JSON
import KubernetesModel

/// Ray's autoscaler, which runs beside the head of a cluster with `enableInTreeAutoscaling`
/// (python/ray/autoscaler/_private/kuberay): it gives groups as many workers as the actors that wait or run need, within the groups'
/// bounds. The actors here are the replicas of ray.serve.llm, since nothing is known of what other applications need.
struct RayAutoscaler: Sendable {
    /// What replicas of one deployment need.
    struct Demand: Sendable, Hashable {
        /// How many Serve keeps.
        let replicas: Int64
        /// GPUs of each.
        let gpus: Int64
        /// Custom resources of each, by name.
        let resources: Set<String>
    }

    private let demands: [Demand]

    /// - Parameter demands: nil for applications of which nothing is known; groups are then left as they are.
    init?(_ demands: [Demand]?) {
        guard let demands, !demands.isEmpty else { return nil }
        self.demands = demands
    }

    /// The groups with the replicas that they should have; nil when they have them.
    func scaled(_ cluster: JSONValue) -> JSONValue? {
        guard cluster["enableInTreeAutoscaling"]?.boolValue == true else { return nil }
        let groups = cluster["workerGroupSpecs"]?.arrayValue ?? []
        var wanted = groups.map { _ in Int64(0) }
        for demand in demands {
            guard let index = groups.firstIndex(where: { Self.fits(demand, $0) }) else { continue }
            let room = demand.gpus > 0 ? max(1, Self.gpus(groups[index]) / demand.gpus) : 1
            wanted[index] += (demand.replicas + room - 1) / room
        }
        let scaled = zip(groups, wanted).map { group, count in
            var group = group
            let least = group.integer("minReplicas")
            let most = group.integer("maxReplicas", default: Int64(Int32.max))
            group["replicas"] = .integer(max(least, min(count, most)))
            return group
        }
        return scaled == groups ? nil : .array(scaled)
    }

    private static func fits(_ demand: Demand, _ group: JSONValue) -> Bool {
        demand.resources.isSubset(of: resources(group)) && gpus(group) >= demand.gpus
    }

    /// The custom resources of a group's workers: `rayStartParams.resources` is a JSON object, quoted for a shell.
    private static func resources(_ group: JSONValue) -> Set<String> {
        guard let text = group["rayStartParams"]?["resources"]?.stringValue else { return [] }
        let quoted = try? JSONValue(parsing: Array(text.utf8))
        let json = quoted?.stringValue ?? text.trimming("'")
        let resources = try? JSONValue(parsing: Array(json.utf8))
        return Set(resources?.objectValue?.keys ?? [])
    }

    private static func gpus(_ group: JSONValue) -> Int64 {
        let container = group["template"]?["spec"]?["containers"]?[0]
        let limits = container?["resources"]?["limits"]?.objectValue ?? JSONMembers()
        return limits.filter { RayStart.isGPU($0.key) }
            .compactMap { RayStart.text($0.value).flatMap { Int64($0) } }.reduce(0, +)
    }
}

extension String {
    /// The text without a character at its ends.
    fileprivate func trimming(_ character: Character) -> String {
        var text = self[...]
        if text.first == character { text.removeFirst() }
        if text.last == character { text.removeLast() }
        return String(text)
    }
}
