/// Why no node can take a pod, told as upstream's scheduler tells it (`framework.FitError`), since people and programs read it.
struct NoFit: Sendable {
    /// How many nodes there are.
    let nodes: Int
    /// What holds whatever the node; nil when each node has reasons of its own.
    var preliminary: String?
    /// Why each node cannot take it.
    var unfit: [Unfit] = []
    /// Whether the pod may push others away.
    var mayPreempt = true

    var message: String {
        guard nodes > 0 else { return "no nodes available to schedule pods" }
        let reasons = preliminary ?? Self.histogram(unfit.flatMap(\.reasons))
        return "\(available): \(reasons). preemption: \(preemption)"
    }

    private var available: String { "0/\(nodes) nodes are available" }

    private var preemption: String {
        guard mayPreempt else { return "not eligible due to preemptionPolicy=Never." }
        var outcomes = unfit.map {
            $0.isResolvable
                ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling"
        }
        if preliminary != nil {
            outcomes = Array(repeating: "Preemption is not helpful for scheduling", count: nodes)
        }
        return "\(available): \(Self.histogram(outcomes))."
    }

    /// Each reason with its count, in the order of the text that this makes: `1 b, 10 a, 2 c`.
    static func histogram(_ reasons: [String]) -> String {
        var counts: [String: Int] = [:]
        for reason in reasons { counts[reason, default: 0] += 1 }
        return counts.map { "\($0.value) \($0.key)" }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .joined(separator: ", ")
    }
}
