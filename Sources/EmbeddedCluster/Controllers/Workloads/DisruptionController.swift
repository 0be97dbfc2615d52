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
                    guard let selector = Self.selector(budget) else { return false }
                    return [change.previous, change.current].contains { $0?.matches(selector) == true }
                }.map(ObjectKey.init)
            },
        ]
    }

    private static func selector(_ budget: KubernetesObject) -> LabelSelector? {
        budget.spec["selector"].flatMap { try? LabelSelector(object: $0) }
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let budget = api.get(.podDisruptionBudgets, key), let selector = Self.selector(budget) else {
            return nil
        }
        let pods = api.list(.pods, in: key.namespace, matching: selector).filter {
            !PodState.isTerminated($0)
        }
        let healthy = Int64(pods.count { PodState.isReady($0) && !$0.isBeingDeleted })
        let (expected, desired) = demand(budget, pods, api)
        let allowed = expected > 0 ? max(0, healthy - desired) : 0
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
                    ("disruptionsAllowed", allowed), ("currentHealthy", healthy), ("desiredHealthy", desired),
                    ("expectedPods", expected), ("observedGeneration", budget.generation),
                ] {
                    budget.json[at: "status", field] = .integer(count)
                }
                budget.json[at: "status", "conditions"] = final
            }
        }
        return nil
    }

    /// How many pods there should be, and how many of them must stay healthy.
    private func demand(
        _ budget: KubernetesObject,
        _ pods: [KubernetesObject],
        _ api: ClusterAPI
    ) -> (expected: Int64, desired: Int64) {
        if let least = budget.spec["minAvailable"] {
            if let number = least.integerValue { return (Int64(pods.count), number) }
            let expected = expected(pods, api)
            return (expected, least.scaled(expected, roundingUp: true) ?? expected)
        }
        let expected = expected(pods, api)
        let most = budget.spec["maxUnavailable"]?.scaled(expected, roundingUp: true) ?? 0
        return (expected, max(0, expected - most))
    }

    /// How many pods the controllers of those pods ask for.
    private func expected(_ pods: [KubernetesObject], _ api: ClusterAPI) -> Int64 {
        var owners: [String: (owner: OwnerReference, namespace: String)] = [:]
        for pod in pods {
            guard let owner = pod.controller else { continue }
            owners[owner.uid] = (owner, pod.namespace)
        }
        return owners.values.reduce(0) { total, entry in
            let resource: GroupResource =
                entry.owner.kind == "StatefulSet" ? .statefulSets : .replicaSets
            let owner = api.state.object(resource, entry.namespace, entry.owner.name)
            return total + (owner?.desiredReplicas ?? 0)
        }
    }
}
