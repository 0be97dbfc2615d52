import JSON
import KubernetesModel

/// One look at one deployment, with what is needed to act on it.
struct DeploymentRound {
    let api: ClusterAPI
    let events: EventRecorder
    var deployment: KubernetesObject
    var sets: DeploymentSets

    var plan: DeploymentPlan { DeploymentPlan(deployment: deployment) }
    var manager: String { events.component }
    var key: ObjectKey { ObjectKey(deployment) }

    init(_ deployment: KubernetesObject, _ sets: [KubernetesObject], _ api: ClusterAPI, manager: String) {
        self.api = api
        self.deployment = deployment
        self.sets = DeploymentSets(sets, DeploymentPlan(deployment: deployment))
        events = EventRecorder(api: api, component: manager)
    }

    // MARK: Scaling

    /// Gives a replica set a size, notes the deployment's on it, and reports the change. Returns whether the size changed.
    @discardableResult
    mutating func scale(_ set: KubernetesObject, to replicas: Int64) async throws(APIStatus) -> Bool {
        let (wanted, most) = (String(plan.replicas), String(plan.replicas + plan.maxSurge))
        let before = set.desiredReplicas
        let isSame =
            before == replicas && set.annotation(DeploymentAnnotation.desiredReplicas) == wanted
            && set.annotation(DeploymentAnnotation.maxReplicas) == most
        if isSame { return false }
        let stored = try await api.update(.replicaSets, ObjectKey(set), as: manager) { set in
            set.json[at: "spec", "replicas"] = .integer(replicas)
            set.setAnnotation(DeploymentAnnotation.desiredReplicas, wanted)
            set.setAnnotation(DeploymentAnnotation.maxReplicas, most)
        }
        replace(stored)
        guard before != replicas else { return false }
        await events.record(
            .normal,
            "ScalingReplicaSet",
            "Scaled \(replicas > before ? "up" : "down") replica set \(set.name) from \(before) to \(replicas)",
            about: deployment
        )
        return true
    }

    /// Takes over what a write of the status gave back. The specification stays the one that this round is about: a newer one has
    /// not been acted upon, and must not be reported as observed.
    mutating func takeStatus(of stored: KubernetesObject) {
        deployment.status = stored.status
        deployment.setAnnotation(
            DeploymentAnnotation.revision,
            stored.annotation(DeploymentAnnotation.revision)
        )
    }

    mutating func replace(_ stored: KubernetesObject) {
        if sets.new?.uid == stored.uid { sets.new = stored }
        sets.old = sets.old.map { $0.uid == stored.uid ? stored : $0 }
    }

    /// Spreads a change of the deployment's size over its replica sets in proportion to theirs, or gives all to the only active
    /// one.
    mutating func scaleProportionally() async throws(APIStatus) {
        let active = sets.all.filter { $0.desiredReplicas > 0 }
        if active.count <= 1 {
            if let only = active.first ?? sets.new ?? sets.old.last {
                try await scale(only, to: plan.replicas)
            }
            return
        }
        if let new = sets.new, isSaturated(new) {
            for old in sets.old where old.desiredReplicas > 0 { try await scale(old, to: 0) }
            return
        }
        guard plan.isRolling else { return }
        let allowed = plan.replicas > 0 ? plan.replicas + plan.maxSurge : 0
        let toAdd = allowed - active.desiredReplicas
        // The largest first; of equals the newest when growing, the oldest when shrinking.
        let sorted = active.sorted { left, right in
            if left.desiredReplicas != right.desiredReplicas {
                return left.desiredReplicas > right.desiredReplicas
            }
            return toAdd > 0 ? DeploymentSets.isOlder(right, left) : DeploymentSets.isOlder(left, right)
        }
        var sizes: [Int64] = []
        var added: Int64 = 0
        for set in sorted {
            let share = toAdd == 0 ? 0 : proportion(of: set, toAdd: toAdd, added: added)
            sizes.append(set.desiredReplicas + share)
            added += share
        }
        for (index, set) in sorted.enumerated() {
            let leftover = index == 0 ? toAdd - added : 0
            try await scale(set, to: max(0, sizes[index] + leftover))
        }
    }

    private func isSaturated(_ set: KubernetesObject) -> Bool {
        set.annotation(DeploymentAnnotation.desiredReplicas) == String(plan.replicas)
            && set.desiredReplicas == plan.replicas
            && set.status.integer("availableReplicas") == plan.replicas
    }

    /// The part of a change that falls to one replica set (deployment util GetReplicaSetProportion).
    private func proportion(of set: KubernetesObject, toAdd: Int64, added: Int64) -> Int64 {
        guard set.desiredReplicas > 0, toAdd != added else { return 0 }
        let before = set.annotation(DeploymentAnnotation.maxReplicas).flatMap(Int64.init) ?? plan.replicas
        let goal: Int64
        if plan.replicas == 0 {
            goal = 0
        } else if before <= 0 {
            goal = set.desiredReplicas
        } else {
            let size = Double(set.desiredReplicas * (plan.replicas + plan.maxSurge)) / Double(before)
            goal = Int64(size.rounded())
        }
        let fraction = goal - set.desiredReplicas
        let allowed = toAdd - added
        return toAdd > 0 ? min(fraction, allowed) : max(fraction, allowed)
    }

    // MARK: Rolling

    /// Grows the new replica set as far as the surge allows. Returns whether its size changed.
    mutating func growNew() async throws(APIStatus) -> Bool {
        guard let new = sets.new, new.desiredReplicas != plan.replicas else { return false }
        if new.desiredReplicas > plan.replicas { return try await scale(new, to: plan.replicas) }
        return try await scale(new, to: roomForNew(new.desiredReplicas))
    }

    /// How large a new replica set of that size may become now.
    func roomForNew(_ present: Int64) -> Int64 {
        guard plan.isRolling else { return plan.replicas }
        let total = sets.all.desiredReplicas
        let most = plan.replicas + plan.maxSurge
        return total >= most ? present : present + min(most - total, plan.replicas - present)
    }

    /// Shrinks old replica sets as far as enough pods stay available: first by pods that are not. Returns whether any changed.
    mutating func shrinkOld() async throws(APIStatus) -> Bool {
        guard sets.old.desiredReplicas > 0 else { return false }
        let minAvailable = plan.replicas - plan.maxUnavailable
        let newUnavailable = sets.new.map { $0.desiredReplicas - Self.available($0) } ?? 0
        let most = sets.all.desiredReplicas - minAvailable - newUnavailable
        guard most > 0 else { return false }
        var removed: Int64 = 0
        for set in sets.old where set.desiredReplicas > 0 {
            let unhealthy = set.desiredReplicas - Self.available(set)
            let count = min(most - removed, unhealthy)
            guard count > 0 else { continue }
            try await scale(set, to: set.desiredReplicas - count)
            removed += count
        }
        var spare = sets.all.reduce(0) { $0 + Self.available($1) } - minAvailable
        for set in sets.old where set.desiredReplicas > 0 && spare > 0 {
            let count = min(set.desiredReplicas, spare)
            try await scale(set, to: set.desiredReplicas - count)
            spare -= count
            removed += count
        }
        return removed > 0
    }

    /// The available pods that a replica set will keep. Its status may still count pods that are about to be deleted because the
    /// set has just been scaled down.
    private static func available(_ set: KubernetesObject) -> Int64 {
        min(set.status.integer("availableReplicas"), set.desiredReplicas)
    }

    /// Deletes old replica sets beyond those that the history keeps.
    func cleanUp() async throws(APIStatus) {
        guard let limit = deployment.spec["revisionHistoryLimit"]?.integerValue else { return }
        let old = sets.old.filter { !$0.isBeingDeleted }
            .sorted { $0.deploymentRevision < $1.deploymentRevision }
        for set in old.prefix(max(0, old.count - Int(clamping: limit)))
        where set.desiredReplicas == 0 && set.status.integer("replicas") == 0
            && set.generation <= set.status.integer("observedGeneration")
        {
            try await api.delete(.replicaSets, ObjectKey(set), DeleteOptions(uid: set.uid))
        }
    }
}
