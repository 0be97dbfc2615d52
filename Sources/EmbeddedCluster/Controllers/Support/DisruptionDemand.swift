import JSON
import KubernetesModel

/// What a disruption budget asks for, and how far it is met (policy/v1 PodDisruptionBudget).
struct DisruptionDemand {
    /// How many pods there should be.
    let expected: Int64
    /// How many of them must stay healthy.
    let desired: Int64
    /// How many are.
    let healthy: Int64

    /// How many healthy pods may be evicted now.
    var allowed: Int64 { expected > 0 ? max(0, healthy - desired) : 0 }

    /// The demand of a budget as things stand; nil for a budget that selects nothing.
    init?(_ budget: KubernetesObject, _ state: ClusterState) {
        guard let selector = Self.selector(budget) else { return nil }
        let pods = state.objects(.pods, in: budget.namespace).filter {
            $0.matches(selector) && !PodState.isTerminated($0)
        }
        healthy = Int64(pods.count { PodState.isReady($0) && !$0.isBeingDeleted })
        if let number = budget.spec["minAvailable"]?.integerValue {
            (expected, desired) = (Int64(pods.count), number)
        } else {
            expected = Self.expected(pods, state)
            if let least = budget.spec["minAvailable"] {
                desired = least.scaled(expected, roundingUp: true) ?? expected
            } else {
                let most = budget.spec["maxUnavailable"]?.scaled(expected, roundingUp: true) ?? 0
                desired = max(0, expected - most)
            }
        }
    }

    /// The pods that a budget is about.
    static func selector(_ budget: KubernetesObject) -> LabelSelector? {
        budget.spec["selector"].flatMap { try? LabelSelector(object: $0) }
    }

    /// The name of a budget that forbids evicting that pod now, or nil. As upstream, a pod that does not run yet or any longer is
    /// nobody's loss, and one that is not ready may go while enough others are healthy.
    static func budget(refusing pod: KubernetesObject, _ state: ClusterState) -> String? {
        guard PodState.phase(pod) != "Pending", !PodState.isTerminated(pod), !pod.isBeingDeleted else {
            return nil
        }
        for budget in state.objects(.podDisruptionBudgets, in: pod.namespace) {
            guard selector(budget).map(pod.matches) == true, let demand = Self(budget, state) else {
                continue
            }
            let mayGo =
                PodState.isReady(pod) ? demand.allowed > 0 : demand.allowed > 0 || demand.meetsItsDemand
            if !mayGo { return budget.name }
        }
        return nil
    }

    private var meetsItsDemand: Bool { healthy > 0 && healthy >= desired }

    /// How many pods the controllers of those pods ask for.
    private static func expected(_ pods: [KubernetesObject], _ state: ClusterState) -> Int64 {
        var owners: [String: (owner: OwnerReference, namespace: String)] = [:]
        for pod in pods {
            guard let owner = pod.controller else { continue }
            owners[owner.uid] = (owner, pod.namespace)
        }
        return owners.values.reduce(0) { total, entry in
            let resource: GroupResource =
                entry.owner.kind == "StatefulSet" ? .statefulSets : .replicaSets
            let owner = state.object(resource, entry.namespace, entry.owner.name)
            return total + (owner?.desiredReplicas ?? 0)
        }
    }
}
