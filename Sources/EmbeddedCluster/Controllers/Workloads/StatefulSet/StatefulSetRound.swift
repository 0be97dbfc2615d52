import JSON
import KubernetesModel

/// One look at one stateful set.
struct StatefulSetRound {
    let api: ClusterAPI
    let events: EventRecorder
    let owner: KubernetesObject
    /// The revision that the pods have before the update that is going on, and the one that they are to have.
    let current: KubernetesObject
    let update: KubernetesObject

    private var naming: StatefulSetPods { StatefulSetPods(owner: owner) }
    private var isOrdered: Bool { owner.spec["podManagementPolicy"] != "Parallel" }
    private var isRolling: Bool { owner.spec["updateStrategy"]?["type"] == "RollingUpdate" }
    private var partition: Int64 {
        owner.spec["updateStrategy"]?["rollingUpdate"]?.integer("partition") ?? 0
    }

    /// The set's pods, by ordinal.
    var pods: [KubernetesObject] {
        api.list(.pods, in: owner.namespace).filter {
            $0.controller?.uid == owner.uid && naming.ordinal(of: $0.name) != nil
        }.sorted { (naming.ordinal(of: $0.name) ?? 0) < (naming.ordinal(of: $1.name) ?? 0) }
    }

    private func isAvailable(_ pod: KubernetesObject) -> Bool {
        PodState.phase(pod) == "Running" && !pod.isBeingDeleted
            && PodState.isAvailable(
                pod,
                minReadySeconds: owner.spec.integer("minReadySeconds"),
                now: api.now()
            )
    }

    /// Makes, replaces and deletes pods, as far as the order allows now.
    func act() async throws(APIStatus) {
        let wanted = naming.start..<(naming.start + max(0, naming.replicas))
        let present = pods
        guard try await grow(wanted, present), try await shrink(wanted, present), isRolling else { return }
        // From the last to the first, one that is not yet available holds up the others.
        for ordinal in wanted.reversed() where ordinal >= naming.start + partition {
            guard let pod = pods.first(where: { $0.name == naming.name(ordinal) }) else { return }
            if pod.label(StatefulSetPods.revisionLabel) != update.name, !pod.isBeingDeleted {
                try await delete(pod)
                return
            }
            guard isAvailable(pod) else { return }
        }
    }

    /// Makes the pods that are missing. Returns whether the round may go on.
    private func grow(_ wanted: Range<Int64>, _ present: [KubernetesObject]) async throws(APIStatus) -> Bool {
        for ordinal in wanted {
            if let pod = present.first(where: { $0.name == naming.name(ordinal) }) {
                if PodState.isTerminated(pod), !pod.isBeingDeleted {
                    try await delete(pod)
                    if isOrdered { return false }
                } else if isOrdered, !isAvailable(pod) {
                    return false
                }
            } else {
                try await create(ordinal)
                if isOrdered { return false }
            }
        }
        return true
    }

    /// Deletes the pods that are too many, the last first. Returns whether the round may go on.
    private func shrink(_ wanted: Range<Int64>, _ present: [KubernetesObject]) async throws(APIStatus) -> Bool
    {
        let condemned = present.filter { !wanted.contains(naming.ordinal(of: $0.name) ?? -1) }
        for pod in condemned.reversed() {
            if pod.isBeingDeleted {
                if isOrdered { return false }
                continue
            }
            if owner.spec["persistentVolumeClaimRetentionPolicy"]?["whenScaled"] == "Delete" {
                try await handClaims(to: pod)
            }
            try await delete(pod)
            if isOrdered { return false }
        }
        return true
    }

    private func create(_ ordinal: Int64) async throws(APIStatus) {
        let isOld = isRolling && ordinal < naming.start + partition
        let pod = naming.pod(ordinal, isOld ? current : update)
        do throws(APIStatus) {
            for claim in naming.claims(ordinal) { try await ensure(claim, pod.name) }
            try await api.create(.pods, pod, for: owner, as: events.component)
        } catch {
            if error.reason != .alreadyExists, error.reason != .conflict {
                await events.record(
                    .warning,
                    "FailedCreate",
                    "create Pod \(pod.name) in StatefulSet \(owner.name) failed error: \(error.message)",
                    about: owner
                )
            }
            throw error
        }
        await events.record(
            .normal,
            "SuccessfulCreate",
            "create Pod \(pod.name) in StatefulSet \(owner.name) successful",
            about: owner
        )
    }

    private func ensure(_ claim: KubernetesObject, _ pod: String) async throws(APIStatus) {
        if api.get(.persistentVolumeClaims, ObjectKey(claim)) != nil { return }
        try await api.create(.persistentVolumeClaims, claim, as: events.component)
        await events.record(
            .normal,
            "SuccessfulCreate",
            "create Claim \(claim.name) Pod \(pod) in StatefulSet \(owner.name) success",
            about: owner
        )
    }

    /// Lets the claims of a pod go with it.
    private func handClaims(to pod: KubernetesObject) async throws(APIStatus) {
        guard let ordinal = naming.ordinal(of: pod.name) else { return }
        let reference = OwnerReference(apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid)
        for claim in naming.claims(ordinal) {
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.update(.persistentVolumeClaims, ObjectKey(claim), as: events.component) {
                    $0.ownerReferences = [reference]
                }
            }
        }
    }

    private func delete(_ pod: KubernetesObject) async throws(APIStatus) {
        try await api.delete(.pods, ObjectKey(pod), DeleteOptions(uid: pod.uid))
        await events.record(
            .normal,
            "SuccessfulDelete",
            "delete Pod \(pod.name) in StatefulSet \(owner.name) successful",
            about: owner
        )
    }

    /// Writes the status; returns the names of the revisions that are in use.
    func report() async throws(APIStatus) -> Set<String> {
        let pods = pods
        let live = pods.filter { !$0.isBeingDeleted }
        let revision = { (pod: KubernetesObject) in pod.label(StatefulSetPods.revisionLabel) ?? "" }
        let updated = live.count { revision($0) == update.name }
        let ready = pods.count { PodState.phase($0) == "Running" && PodState.isReady($0) }
        let isUpdated =
            isRolling && updated == pods.count && ready == pods.count && Int64(pods.count) == naming.replicas
        let now = isUpdated || current.name == update.name ? update : current
        var status: JSONValue = [
            "observedGeneration": .integer(owner.generation), "replicas": .integer(Int64(pods.count)),
        ]
        for (field, count) in [
            ("readyReplicas", ready), ("currentReplicas", live.count { revision($0) == now.name }),
            ("updatedReplicas", updated),
        ] where count > 0 { status[field] = .integer(Int64(count)) }
        status["currentRevision"] = .string(now.name)
        status["updateRevision"] = .string(update.name)
        status["collisionCount"] = .integer(owner.status.integer("collisionCount"))
        status["availableReplicas"] = .integer(Int64(pods.count(where: isAvailable)))
        let final = status
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.updateStatus(.statefulSets, ObjectKey(owner), as: events.component) {
                $0.status = final
            }
        }
        return Set(pods.map(revision) + [now.name, update.name])
    }
}
