import JSON
import KubernetesModel

/// Keeps as many pods as each replica set asks for.
struct ReplicaSetController: Controller {
    let name = "replicaset-controller"

    var triggers: [Trigger] {
        [
            .itself(.replicaSets),
            .controllerOrSelector(of: .pods, .replicaSets, kind: "ReplicaSet"),
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let set = api.get(.replicaSets, key),
            let selector = set.spec["selector"].flatMap({ try? LabelSelector(object: $0) })
        else { return nil }
        let ownership = Ownership(api: api, owner: set, selector: selector, manager: name)
        let pods = try await ownership.claim(.pods, where: PodState.isActive).filter(PodState.isActive)
        var failure: (reason: String, status: APIStatus)?
        if !set.isBeingDeleted { failure = await manage(pods, of: set, api) }
        let now = api.now()
        let current = api.list(.pods, in: set.namespace)
            .filter { $0.controller?.uid == set.uid && PodState.isActive($0) }
        try await report(set, current, failure, api)
        if let failure { throw failure.status }
        return PodState.untilNextAvailable(
            current,
            minReadySeconds: set.spec.integer("minReadySeconds"),
            now: now
        )
    }

    /// Makes the pods that are missing or deletes those that are too many; returns what went wrong.
    private func manage(
        _ pods: [KubernetesObject],
        of set: KubernetesObject,
        _ api: ClusterAPI
    ) async -> (String, APIStatus)? {
        let wanted = Int(clamping: set.spec.integer("replicas", default: 1))
        let factory = PodFactory(api: api, events: EventRecorder(api: api, component: name), owner: set)
        do throws(APIStatus) {
            if pods.count < wanted {
                let pod = PodFactory.pod(from: set.spec["template"] ?? .null, owner: set)
                for _ in 0..<min(wanted - pods.count, PodFactory.burst) { try await factory.create(pod) }
            } else {
                let surplus = DeletionOrder.sorted(pods, now: api.now()).prefix(pods.count - wanted)
                for pod in surplus.prefix(PodFactory.burst) { try await factory.delete(pod) }
            }
            return nil
        } catch  where pods.count < wanted && error.reason == .conflict {
            // The set goes, which leads to another round.
            return nil
        } catch {
            return (pods.count < wanted ? "FailedCreate" : "FailedDelete", error)
        }
    }

    private func report(
        _ set: KubernetesObject,
        _ pods: [KubernetesObject],
        _ failure: (reason: String, status: APIStatus)?,
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        let now = api.now()
        let seconds = set.spec.integer("minReadySeconds")
        let labels = set.spec["template"]?["metadata"]?["labels"]?.objectValue ?? JSONMembers()
        let isLabelled = { (pod: KubernetesObject) in
            labels.allSatisfy { pod.label($0.key) == $0.value.stringValue }
        }
        var conditions = Conditions(set)
        if let failure {
            if !conditions.isTrue("ReplicaFailure") {
                conditions.set("ReplicaFailure", "True", failure.reason, failure.status.message, now: now)
            }
        } else {
            conditions.remove("ReplicaFailure")
        }
        var status: JSONValue = ["replicas": .integer(Int64(pods.count))]
        let counts = [
            ("fullyLabeledReplicas", pods.count(where: isLabelled)),
            ("readyReplicas", pods.count(where: PodState.isReady)),
            (
                "availableReplicas",
                pods.count { PodState.isAvailable($0, minReadySeconds: seconds, now: now) }
            ),
        ]
        for (field, count) in counts where count > 0 { status[field] = .integer(Int64(count)) }
        status["observedGeneration"] = .integer(set.generation)
        status["conditions"] = conditions.json
        let final = status
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.updateStatus(.replicaSets, ObjectKey(set), as: name) { $0.status = final }
        }
    }
}

/// Which pods go first when there are too many (controller.ActivePodsWithRanks).
enum DeletionOrder {
    static func sorted(_ pods: [KubernetesObject], now: Timestamp) -> [KubernetesObject] {
        let perNode = Dictionary(grouping: pods, by: PodState.node).mapValues(\.count)
        return pods.map { (Rank($0, perNode), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// What is compared, in order; the lower goes first.
    private struct Rank: Comparable {
        let values: [Int64]

        init(_ pod: KubernetesObject, _ perNode: [String: Int]) {
            let node = PodState.node(pod)
            let phases = ["Pending": Int64(0), "Unknown": 1, "Running": 2]
            let cost = pod.annotation("controller.kubernetes.io/pod-deletion-cost").flatMap(Int64.init) ?? 0
            values = [
                node.isEmpty ? 0 : 1,
                phases[PodState.phase(pod)] ?? 0,
                PodState.isReady(pod) ? 1 : 0,
                cost,
                -Int64(perNode[node] ?? 0),
                -(PodState.readySince(pod)?.secondsSinceEpoch ?? 0),
                -PodState.restarts(pod),
                -(pod.creationTimestamp?.secondsSinceEpoch ?? 0),
            ]
        }

        static func < (left: Rank, right: Rank) -> Bool {
            left.values.lexicographicallyPrecedes(right.values)
        }
    }
}
