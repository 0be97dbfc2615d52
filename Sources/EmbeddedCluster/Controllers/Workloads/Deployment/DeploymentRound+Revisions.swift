import JSON
import KubernetesModel

/// Revisions: the new replica set, its number, and the notes from which `kubectl rollout` reads history.
extension DeploymentRound {
    /// Gives the new replica set the highest revision and the deployment its number.
    ///
    /// - Parameter mayCreate: Whether to make the new replica set when there is none.
    mutating func syncRevision(mayCreate: Bool) async throws(APIStatus) {
        let revision = (sets.old.map(\.deploymentRevision).max() ?? 0) + 1
        if let new = sets.new {
            try await annotate(new, revision)
        } else if mayCreate {
            try await createNew(revision)
        }
    }

    private mutating func annotate(_ new: KubernetesObject, _ revision: Int64) async throws(APIStatus) {
        let (deployment, minReady) = (deployment, deployment.spec["minReadySeconds"])
        let stored = try await api.update(.replicaSets, ObjectKey(new), as: manager) { set in
            Self.setAnnotations(&set, deployment, revision, exists: true)
            set.json[at: "spec", "minReadySeconds"] = minReady
        }
        replace(stored)
        var conditions = Conditions(deployment)
        if plan.progressDeadline != nil, conditions["Progressing"] == nil {
            conditions.setProgress(
                "True",
                "FoundNewReplicaSet",
                "Found new replica set \"\(new.name)\"",
                now: api.now()
            )
        }
        try await note(revision: stored.deploymentRevision, conditions)
    }

    /// Writes the revision and the conditions of the deployment.
    private mutating func note(
        revision: Int64,
        _ conditions: Conditions,
        collisions: Int64? = nil
    ) async throws(APIStatus) {
        let stored = try await api.updateStatus(.deployments, key, as: manager) { deployment in
            deployment.setAnnotation(DeploymentAnnotation.revision, String(revision))
            deployment.json[at: "status", "conditions"] = conditions.json
            if let collisions { deployment.json[at: "status", "collisionCount"] = .integer(collisions) }
        }
        takeStatus(of: stored)
    }

    private mutating func createNew(_ revision: Int64) async throws(APIStatus) {
        let collisions = deployment.status["collisionCount"]?.integerValue
        let hash = TemplateDigest.text(of: plan.template, collisions: collisions)
        let size = roomForNew(0)
        var set = KubernetesObject([
            "metadata": [
                "name": .string("\(deployment.name)-\(hash)"), "namespace": .string(deployment.namespace),
            ],
            "spec": [
                "replicas": .integer(size), "selector": deployment.spec["selector"] ?? [:],
                "template": plan.template,
            ],
        ])
        if let seconds = deployment.spec["minReadySeconds"] {
            set.json[at: "spec", "minReadySeconds"] = seconds
        }
        set.json[at: "spec", "selector", "matchLabels", DeploymentAnnotation.hashLabel] = .string(hash)
        set.json[at: "spec", "template", "metadata", "labels", DeploymentAnnotation.hashLabel] = .string(hash)
        set.json[at: "metadata", "labels"] = set.spec["template"]?["metadata"]?["labels"]
        set.ownerReferences = [OwnerReference(controller: deployment)]
        Self.setAnnotations(&set, deployment, revision, exists: false)
        set.setAnnotation(DeploymentAnnotation.desiredReplicas, String(plan.replicas))
        set.setAnnotation(DeploymentAnnotation.maxReplicas, String(plan.replicas + plan.maxSurge))
        var conditions = Conditions(deployment)
        do throws(APIStatus) {
            let created = try await api.create(.replicaSets, set, for: deployment, as: manager)
            sets.new = created
            if plan.progressDeadline != nil {
                conditions.setProgress(
                    "True",
                    "NewReplicaSetCreated",
                    "Created new replica set \"\(created.name)\"",
                    now: api.now()
                )
            }
        } catch  where error.reason == .alreadyExists {
            // Another template has the same digest: a count makes the next digest differ.
            let revision = deployment.deploymentRevision
            try await note(revision: revision, conditions, collisions: (collisions ?? 0) + 1)
            throw error
        } catch  where error.reason == .conflict {
            // The deployment goes: there is nothing left to be said of it.
            throw error
        } catch {
            if plan.progressDeadline != nil, error.causes.first?.reason != "NamespaceTerminating" {
                conditions.setProgress(
                    "False",
                    "ReplicaSetCreateError",
                    "Failed to create new replica set \"\(set.name)\": \(error.message)",
                    now: api.now()
                )
                try await note(revision: deployment.deploymentRevision, conditions)
            }
            throw error
        }
        if size > 0 {
            await events.record(
                .normal,
                "ScalingReplicaSet",
                "Scaled up replica set \(set.name) from 0 to \(size)",
                about: deployment
            )
        }
        try await note(revision: revision, conditions)
    }

    /// Hands a deployment's annotations to its replica set and numbers it, keeping the numbers that it had (deployment util
    /// SetNewReplicaSetAnnotations).
    private static func setAnnotations(
        _ set: inout KubernetesObject,
        _ deployment: KubernetesObject,
        _ revision: Int64,
        exists: Bool
    ) {
        for (key, value) in deployment.annotations where !DeploymentAnnotation.own.contains(key) {
            set.setAnnotation(key, value)
        }
        let before = set.annotation(DeploymentAnnotation.revision)
        guard set.deploymentRevision < revision else { return }
        set.setAnnotation(DeploymentAnnotation.revision, String(revision))
        if exists, let before {
            let history = set.annotation(DeploymentAnnotation.revisionHistory)
            let numbers = (history.map { $0.split(separator: ",").map(String.init) } ?? []) + [before]
            set.setAnnotation(
                DeploymentAnnotation.revisionHistory,
                numbers.suffix(100).joined(separator: ",")
            )
        }
    }
}

extension Conditions {
    /// Sets a condition of a deployment: unless status and reason are what they were, with the time of the update. A change of
    /// the reason alone keeps the time of the transition (deployment util SetDeploymentCondition).
    mutating func setDeployment(
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String,
        now: Timestamp
    ) {
        if self[type]?["status"]?.stringValue == status, self[type]?["reason"]?.stringValue == reason {
            return
        }
        refresh(type, status, reason, message, now: now)
    }

    /// Sets the condition that tells how a rollout goes.
    mutating func setProgress(_ status: String, _ reason: String, _ message: String, now: Timestamp) {
        setDeployment("Progressing", status, reason, message, now: now)
    }

    /// Sets a condition of a deployment with a new time of its update, at the end of the list.
    mutating func refresh(
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String,
        now: Timestamp
    ) {
        let present = self[type]
        let transition =
            present?["status"]?.stringValue == status
            ? present?["lastTransitionTime"] ?? .string(now.kubernetesTime) : .string(now.kubernetesTime)
        remove(type)
        append([
            "type": .string(type), "status": .string(status), "lastUpdateTime": .string(now.kubernetesTime),
            "lastTransitionTime": transition, "reason": .string(reason), "message": .string(message),
        ])
    }
}
