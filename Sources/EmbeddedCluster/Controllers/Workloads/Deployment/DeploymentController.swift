import JSON
import KubernetesModel

/// Rolls deployments out: makes a replica set for each template and moves the pods from the old ones to the new one.
struct DeploymentController: Controller {
    let name = "deployment-controller"

    var triggers: [Trigger] {
        [
            .itself(.deployments),
            .controllerOrSelector(of: .replicaSets, .deployments, kind: "Deployment"),
            // A deployment that recreates its pods waits for the old ones to be gone.
            Trigger(.pods) { change, state in
                guard change.current == nil || change.object.map(PodState.isTerminated) == true,
                    let pod = change.object, let owner = pod.controller, owner.kind == "ReplicaSet",
                    let set = state.object(.replicaSets, pod.namespace, owner.name),
                    let deployment = set.controller, deployment.kind == "Deployment"
                else { return [] }
                return [ObjectKey(namespace: pod.namespace, name: deployment.name)]
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let deployment = api.get(.deployments, key),
            let selector = deployment.spec["selector"].flatMap({ try? LabelSelector(object: $0) })
        else { return nil }
        let ownership = Ownership(api: api, owner: deployment, selector: selector, manager: name)
        let sets = try await ownership.claim(.replicaSets)
        var round = DeploymentRound(deployment, sets, api, manager: name)
        if deployment.isBeingDeleted {
            try await round.reportCounts()
            return nil
        }
        try await round.notePause()
        if round.plan.isPaused || isScaling(round) {
            try await round.syncRevision(mayCreate: false)
            try await round.scaleProportionally()
            if round.plan.isPaused { try await round.cleanUp() }
            try await round.reportCounts()
            return nil
        }
        return round.plan.isRolling ? try await roll(&round) : try await recreate(&round)
    }

    /// Whether the deployment's size has changed since its replica sets were scaled.
    private func isScaling(_ round: DeploymentRound) -> Bool {
        round.sets.all.contains { set in
            guard set.desiredReplicas > 0,
                let desired = set.annotation(DeploymentAnnotation.desiredReplicas).flatMap(Int64.init)
            else { return false }
            return desired != round.plan.replicas
        }
    }

    private func roll(_ round: inout DeploymentRound) async throws(APIStatus) -> Duration? {
        try await round.syncRevision(mayCreate: true)
        if try await round.growNew() { return try await round.reportRollout() }
        if try await round.shrinkOld() { return try await round.reportRollout() }
        let wait = try await round.reportRollout()
        if round.isComplete { try await round.cleanUp() }
        return wait
    }

    private func recreate(_ round: inout DeploymentRound) async throws(APIStatus) -> Duration? {
        try await round.syncRevision(mayCreate: false)
        var hasScaled = false
        for set in round.sets.old where set.desiredReplicas > 0 {
            hasScaled = try await round.scale(set, to: 0) || hasScaled
        }
        let old = Set(round.sets.old.map(\.uid))
        let isRunning = round.api.list(.pods, in: round.deployment.namespace).contains { pod in
            old.contains(pod.controller?.uid ?? "") && !PodState.isTerminated(pod)
        }
        if hasScaled || isRunning { return try await round.reportRollout() }
        try await round.syncRevision(mayCreate: true)
        if let new = round.sets.new { try await round.scale(new, to: round.plan.replicas) }
        let wait = try await round.reportRollout()
        if round.isComplete { try await round.cleanUp() }
        return wait
    }
}
