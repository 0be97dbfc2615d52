import JSON
import KubernetesModel

/// The status of a deployment.
extension DeploymentRound {
    private var newName: String? { sets.new?.name }

    /// The status but for the conditions about progress.
    private func counts() -> (status: JSONValue, conditions: Conditions) {
        let all = sets.all
        let available = all.total("availableReplicas")
        let total = all.total("replicas")
        var status: JSONValue = ["observedGeneration": .integer(deployment.generation)]
        let unavailable = max(0, all.desiredReplicas - available)
        for (field, count) in [
            ("replicas", total), ("updatedReplicas", sets.new?.status.integer("replicas") ?? 0),
            ("readyReplicas", all.total("readyReplicas")), ("availableReplicas", available),
            ("unavailableReplicas", unavailable),
        ] where count > 0 { status[field] = .integer(count) }
        if let collisions = deployment.status["collisionCount"] { status["collisionCount"] = collisions }
        var conditions = Conditions(deployment)
        let isEnough = available >= plan.replicas - plan.maxUnavailable
        conditions.setDeployment(
            "Available",
            isEnough ? "True" : "False",
            isEnough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            isEnough
                ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
            now: api.now()
        )
        return (status, conditions)
    }

    /// Whether the rollout is over (deployment util DeploymentComplete).
    var isComplete: Bool { Self.isComplete(deployment.status, plan) }

    private static func isComplete(_ status: JSONValue, _ plan: DeploymentPlan) -> Bool {
        status.integer("updatedReplicas") == plan.replicas && status.integer("replicas") == plan.replicas
            && status.integer("availableReplicas") == plan.replicas
            && status.integer("observedGeneration") >= plan.deployment.generation
    }

    /// Writes the status without a look at progress: while the deployment is paused or scaled.
    mutating func reportCounts() async throws(APIStatus) {
        let (status, conditions) = counts()
        try await store(status, conditions)
    }

    /// Writes the status of a rollout. Returns how long until its deadline is to be looked at.
    mutating func reportRollout() async throws(APIStatus) -> Duration? {
        let now = api.now()
        var (status, conditions) = counts()
        let progress = Conditions(deployment)["Progressing"]
        let isOver =
            status.integer("replicas") == status.integer("updatedReplicas")
            && progress?["reason"] == "NewReplicaSetAvailable"
        if plan.progressDeadline == nil { conditions.remove("Progressing") }
        if let deadline = plan.progressDeadline, !isOver {
            let subject =
                newName.map { "ReplicaSet \"\($0)\"" } ?? "Deployment \"\(deployment.name)\""
            if Self.isComplete(status, plan) {
                conditions.setProgress(
                    "True",
                    "NewReplicaSetAvailable",
                    "\(subject) has successfully progressed.",
                    now: now
                )
            } else if hasProgressed(status) {
                conditions.refresh(
                    "Progressing",
                    "True",
                    "ReplicaSetUpdated",
                    "\(subject) is progressing.",
                    now: now
                )
            } else if isLate(conditions["Progressing"], deadline, now) {
                conditions.setProgress(
                    "False",
                    "ProgressDeadlineExceeded",
                    "\(subject) has timed out progressing.",
                    now: now
                )
            }
        }
        noteFailure(&conditions, now)
        try await store(status, conditions)
        return untilDeadline(now)
    }

    /// Whether there are more pods that are new, ready or available, or fewer that are old, than before.
    private func hasProgressed(_ status: JSONValue) -> Bool {
        let before = deployment.status
        let old = { (status: JSONValue) in status.integer("replicas") - status.integer("updatedReplicas") }
        return status.integer("updatedReplicas") > before.integer("updatedReplicas")
            || old(status) < old(before)
            || status.integer("readyReplicas") > before.integer("readyReplicas")
            || status.integer("availableReplicas") > before.integer("availableReplicas")
    }

    private func isLate(_ progress: JSONValue?, _ deadline: Int64, _ now: Timestamp) -> Bool {
        switch progress?["reason"]?.stringValue {
        case nil, "NewReplicaSetAvailable": return false
        case "ProgressDeadlineExceeded": return true
        default:
            let since = progress?["lastUpdateTime"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
            return since.map { $0.adding(seconds: deadline) < now } ?? false
        }
    }

    /// Takes over a replica set's failure to make pods, that of the new one first.
    private func noteFailure(_ conditions: inout Conditions, _ now: Timestamp) {
        let failing = ([sets.new].compactMap { $0 } + sets.old).lazy
            .compactMap { $0.condition("ReplicaFailure") }.first { $0["status"] == "True" }
        guard let failing else {
            conditions.remove("ReplicaFailure")
            return
        }
        conditions.setDeployment(
            "ReplicaFailure",
            "True",
            failing["reason"]?.stringValue ?? "",
            failing["message"]?.stringValue ?? "",
            now: now
        )
    }

    private func untilDeadline(_ now: Timestamp) -> Duration? {
        let progress = Conditions(deployment)["Progressing"]
        guard let deadline = plan.progressDeadline, !isComplete,
            progress?["reason"] != "ProgressDeadlineExceeded",
            let since = progress?["lastUpdateTime"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return now.duration(until: since.adding(seconds: deadline)) + .seconds(1)
    }

    /// Notes on the rollout's condition that it is paused or goes on, so that its deadline starts anew.
    mutating func notePause() async throws(APIStatus) {
        let progress = Conditions(deployment)["Progressing"]
        guard plan.progressDeadline != nil, progress?["reason"] != "ProgressDeadlineExceeded" else { return }
        let isNoted = progress?["reason"] == "DeploymentPaused"
        guard plan.isPaused != isNoted else { return }
        var conditions = Conditions(deployment)
        conditions.setProgress(
            "Unknown",
            plan.isPaused ? "DeploymentPaused" : "DeploymentResumed",
            plan.isPaused ? "Deployment is paused" : "Deployment is resumed",
            now: api.now()
        )
        let final = conditions
        let stored = try await api.updateStatus(.deployments, key, as: manager) { deployment in
            deployment.json[at: "status", "conditions"] = final.json
        }
        takeStatus(of: stored)
    }

    private mutating func store(_ status: JSONValue, _ conditions: Conditions) async throws(APIStatus) {
        var status = status
        status["conditions"] = conditions.json
        let final = status
        let stored = try await api.updateStatus(.deployments, key, as: manager) { $0.status = final }
        takeStatus(of: stored)
    }
}
