import JSON
import KubernetesModel

/// Says how many of the pods of each disruption budget may be evicted now.
struct DisruptionController: Controller {
    let name = "disruption-controller"

    var triggers: [Trigger] {
        [
            .itself(.podDisruptionBudgets),
            Trigger(.pods) { change, state in
                guard let pod = change.object else { return [] }
                return state.objects(.podDisruptionBudgets, in: pod.namespace).filter { budget in
                    guard let selector = DisruptionDemand.selector(budget) else { return false }
                    return [change.previous, change.current].contains { $0?.matches(selector) == true }
                }.map(ObjectKey.init)
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let state = api.state
        guard let budget = state.object(.podDisruptionBudgets, key),
            let demand = DisruptionDemand(budget, state)
        else { return nil }
        let allowed = demand.allowed
        let now = api.now()
        var conditions = Conditions(budget)
        conditions.set(
            "DisruptionAllowed",
            allowed > 0 ? "True" : "False",
            allowed > 0 ? "SufficientPods" : "InsufficientPods",
            "",
            now: now
        )
        let final = conditions.json
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.updateStatus(.podDisruptionBudgets, key, as: name) { budget in
                for (field, count) in [
                    ("disruptionsAllowed", allowed), ("currentHealthy", demand.healthy),
                    ("desiredHealthy", demand.desired), ("expectedPods", demand.expected),
                    ("observedGeneration", budget.generation),
                ] {
                    budget.json[at: "status", field] = .integer(count)
                }
                budget.json[at: "status", "conditions"] = final
            }
        }
        return nil
    }
}
