import JSON
import KubernetesModel
import Synchronization

/// Removes pods that nobody will: those of nodes that are gone, and the oldest of too many that have ended.
final class PodGarbageCollector: Controller {
    let name = "pod-garbage-collector"

    /// How many ended pods may stay (upstream's `--terminated-pod-gc-threshold`).
    private let threshold: Int
    /// How long a node may be away before its pods are taken for lost.
    private static let quarantine: Int64 = 40
    private static let ended = ObjectKey(name: "*")
    /// Since when nodes are known to be gone.
    private let gone = Mutex<[String: Timestamp]>([:])

    init(threshold: Int = 12_500) {
        self.threshold = threshold
    }

    var triggers: [Trigger] {
        [
            Trigger(.nodes) { change, _ in change.current == nil || change.previous == nil ? [change.key] : []
            },
            Trigger(.pods) { change, state in
                guard let pod = change.current else { return [] }
                if PodState.isTerminated(pod), change.previous.map(PodState.isTerminated) != true {
                    return [Self.ended]
                }
                let node = ObjectKey(name: PodState.node(pod))
                let isLost = !node.name.isEmpty && state.object(.nodes, node) == nil
                return isLost ? [node] : []
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        if key == Self.ended {
            try await deleteSurplus(api)
            return nil
        }
        guard api.get(.nodes, key) == nil else {
            gone.withLock { $0[key.name] = nil }
            return nil
        }
        let now = api.now()
        let since = gone.withLock { gone in
            let since = gone[key.name] ?? now
            gone[key.name] = since
            return since
        }
        let wait = now.duration(until: since.adding(seconds: Self.quarantine))
        guard wait == .zero else { return wait }
        for pod in api.list(.pods) where PodState.node(pod) == key.name { try await deleteLost(pod, api) }
        gone.withLock { $0[key.name] = nil }
        return nil
    }

    private func deleteLost(_ pod: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        let now = api.now()
        if !PodState.isTerminated(pod) {
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.updateStatus(.pods, ObjectKey(pod), as: name) { pod in
                    var conditions = Conditions(pod)
                    conditions.set(
                        "DisruptionTarget",
                        "True",
                        "DeletionByPodGC",
                        "PodGC: node no longer exists",
                        now: now
                    )
                    pod.json[at: "status", "conditions"] = conditions.json
                    pod.json[at: "status", "phase"] = "Failed"
                }
            }
        }
        try await api.delete(.pods, ObjectKey(pod), DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid))
    }

    private func deleteSurplus(_ api: ClusterAPI) async throws(APIStatus) {
        let ended = api.list(.pods).filter { PodState.isTerminated($0) && !$0.isBeingDeleted }
        guard ended.count > threshold else { return }
        for pod in ended.sorted(by: DeploymentSets.isOlder).prefix(ended.count - threshold) {
            try await api.delete(.pods, ObjectKey(pod), DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid))
        }
    }
}

/// Removes events an hour after they were last told (the API server's `--event-ttl`).
struct EventExpiry: Controller {
    let name = "event-expiry"

    private static let lifetime: Int64 = 3600
    private static let period = Duration.seconds(60)
    private static let resources = [
        GroupResource.events, GroupResource(group: "events.k8s.io", resource: "events"),
    ]

    /// One round looks at all events, since one timer for each would cost more than it tells.
    var triggers: [Trigger] {
        [Trigger(.namespaces) { change, _ in change.previous == nil ? [ObjectKey(name: "*")] : [] }]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let limit = api.now().adding(seconds: -Self.lifetime)
        for resource in Self.resources where api.catalog[resource] != nil {
            for event in api.list(resource) where (Self.lastTold(event) ?? limit) < limit {
                try await api.delete(resource, ObjectKey(event), DeleteOptions(uid: event.uid))
            }
        }
        return Self.period
    }

    private static func lastTold(_ event: KubernetesObject) -> Timestamp? {
        let times = [
            event.json["lastTimestamp"], event.json["eventTime"], event.json["series"]?["lastObservedTime"],
            event.json["deprecatedLastTimestamp"],
        ].compactMap { $0?.stringValue.flatMap { Timestamp(rfc3339: $0) } }
        return (times + [event.creationTimestamp].compactMap { $0 }).max()
    }
}
