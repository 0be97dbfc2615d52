import JSON
import KubernetesModel

/// One look at one daemon set.
struct DaemonSetRound {
    let api: ClusterAPI
    let factory: PodFactory
    let pods: DaemonSetPods

    private var owner: KubernetesObject { factory.owner }

    /// The set's pods.
    var present: [KubernetesObject] {
        api.list(.pods, in: owner.namespace).filter { $0.controller?.uid == owner.uid }
    }

    private var byNode: [String: [KubernetesObject]] {
        Dictionary(grouping: present) { DaemonSetPods.node(of: $0) ?? "" }
    }

    private func isAvailable(_ pod: KubernetesObject) -> Bool {
        !pod.isBeingDeleted
            && PodState.isAvailable(
                pod,
                minReadySeconds: owner.spec.integer("minReadySeconds"),
                now: api.now()
            )
    }

    /// Makes the pods that are missing and deletes those that have ended, are too many, or are where they do not belong.
    func act() async throws(APIStatus) {
        let placed = byNode
        let spec = pods.spec
        let nodes = api.list(.nodes)
        for node in nodes {
            let here = placed[node.name] ?? []
            let eligibility = NodeEligibility(spec, node)
            if eligibility.shouldRun, here.isEmpty {
                try await factory.create(pods.pod(on: node.name))
            } else if eligibility.mayStay {
                try await tidy(here, on: node.name)
            } else {
                for pod in here where !pod.isBeingDeleted { try await factory.delete(pod) }
            }
        }
        let names = Set(nodes.map(\.name))
        for (node, lost) in placed where !names.contains(node) {
            for pod in lost where PodState.node(pod).isEmpty && !pod.isBeingDeleted {
                try await factory.delete(pod)
            }
        }
    }

    private func tidy(_ here: [KubernetesObject], on node: String) async throws(APIStatus) {
        for pod in here where PodState.isTerminated(pod) && !pod.isBeingDeleted {
            let hasFailed = PodState.phase(pod) == "Failed"
            await factory.events.record(
                hasFailed ? .warning : .normal,
                hasFailed ? "FailedDaemonPod" : "SucceededDaemonPod",
                "Found \(hasFailed ? "failed" : "succeeded") daemon pod \(ObjectKey(pod)) on node \(node), will try to "
                    + (hasFailed ? "kill" : "delete") + " it",
                about: owner
            )
            try await factory.delete(pod)
        }
        // During an update with a surge an old and a new pod are there together; of equals the oldest stays.
        for isUpdated in [true, false] {
            let equals = here.filter { PodState.isActive($0) && pods.isUpdated($0) == isUpdated }
                .sorted(by: DeploymentSets.isOlder)
            for pod in equals.dropFirst() { try await factory.delete(pod) }
        }
    }

    // MARK: Updating

    /// The nodes that are to have a pod.
    private var eligible: [KubernetesObject] {
        let spec = pods.spec
        return api.list(.nodes).filter { NodeEligibility(spec, $0).shouldRun }
    }

    /// Replaces pods of earlier templates, as many at once as may be unavailable.
    func roll() async throws(APIStatus) {
        let rolling = owner.spec["updateStrategy"]?["rollingUpdate"]
        let nodes = eligible
        let count = Int64(nodes.count)
        let surge = rolling?["maxSurge"]?.scaled(count, roundingUp: true) ?? 0
        var unavailable = rolling?["maxUnavailable"]?.scaled(count, roundingUp: true) ?? 1
        if surge == 0, unavailable == 0 { unavailable = 1 }
        let placed = byNode
        var candidates: [(node: String, old: KubernetesObject)] = []
        var inTransition: Int64 = 0
        for node in nodes {
            let here = (placed[node.name] ?? []).filter { !$0.isBeingDeleted }
            let old = here.first { !pods.isUpdated($0) }
            let new = here.first { pods.isUpdated($0) }
            if let old, let new {
                if isAvailable(new) { try await factory.delete(old) } else { inTransition += 1 }
            } else if let old {
                if !isAvailable(old) {
                    // Nothing is lost by replacing what does not work.
                    if surge > 0 {
                        try await factory.create(pods.pod(on: node.name))
                        inTransition += 1
                    } else {
                        try await factory.delete(old)
                        inTransition += 1
                    }
                } else {
                    candidates.append((node.name, old))
                }
            } else if new.map(isAvailable) != true {
                inTransition += 1
            }
        }
        let room = max(0, (surge > 0 ? surge : unavailable) - inTransition)
        for candidate in candidates.prefix(Int(clamping: room)) {
            if surge > 0 {
                try await factory.create(pods.pod(on: candidate.node))
            } else {
                try await factory.delete(candidate.old)
            }
        }
    }

    // MARK: Status

    /// Writes the status.
    func report() async throws(APIStatus) {
        let placed = byNode
        let spec = pods.spec
        var (desired, current, misplaced, ready, available, updated) = (0, 0, 0, 0, 0, 0)
        for node in api.list(.nodes) {
            let here = (placed[node.name] ?? []).sorted(by: DeploymentSets.isOlder)
            guard NodeEligibility(spec, node).shouldRun else {
                if !here.isEmpty { misplaced += 1 }
                continue
            }
            desired += 1
            guard !here.isEmpty else { continue }
            current += 1
            if here.contains(where: PodState.isReady) { ready += 1 }
            if here.contains(where: isAvailable) { available += 1 }
            if here.contains(where: { pods.isUpdated($0) && !$0.isBeingDeleted }) { updated += 1 }
        }
        var status: JSONValue = [
            "currentNumberScheduled": .integer(Int64(current)),
            "numberMisscheduled": .integer(Int64(misplaced)),
            "desiredNumberScheduled": .integer(Int64(desired)), "numberReady": .integer(Int64(ready)),
            "observedGeneration": .integer(owner.generation),
        ]
        for (field, count) in [
            ("updatedNumberScheduled", updated), ("numberAvailable", available),
            ("numberUnavailable", desired - available),
        ] where count > 0 { status[field] = .integer(Int64(count)) }
        if let collisions = owner.status["collisionCount"] { status["collisionCount"] = collisions }
        let final = status
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.updateStatus(.daemonSets, ObjectKey(owner), as: factory.events.component) {
                $0.status = final
            }
        }
    }
}
