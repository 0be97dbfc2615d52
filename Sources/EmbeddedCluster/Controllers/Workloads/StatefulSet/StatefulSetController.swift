import JSON
import KubernetesModel

/// Keeps the numbered pods of stateful sets, in order where that is asked for.
struct StatefulSetController: Controller {
    let name = "statefulset-controller"

    var triggers: [Trigger] {
        [
            .itself(.statefulSets),
            .controllerOrSelector(of: .pods, .statefulSets, kind: "StatefulSet"),
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let set = api.get(.statefulSets, key),
            let selector = set.spec["selector"].flatMap({ try? LabelSelector(object: $0) })
        else { return nil }
        let naming = StatefulSetPods(owner: set)
        let ownership = Ownership(api: api, owner: set, selector: selector, manager: name)
        _ = try await ownership.claim(.pods) { naming.ordinal(of: $0.name) != nil }
        let history = RevisionHistory(
            api: api,
            owner: set,
            manager: name,
            hashLabel: "controller.kubernetes.io/hash"
        )
        let update: KubernetesObject
        do throws(APIStatus) {
            update = try await history.update(collisions: set.status["collisionCount"]?.integerValue)
        } catch  where error.reason == .alreadyExists {
            try await api.updateStatus(.statefulSets, key, as: name) { set in
                let count = set.status.integer("collisionCount") + 1
                set.json[at: "status", "collisionCount"] = .integer(count)
            }
            throw error
        }
        let currentName = set.status["currentRevision"]?.stringValue
        let current = history.revisions.first { $0.name == currentName } ?? update
        let round = StatefulSetRound(
            api: api,
            events: EventRecorder(api: api, component: name),
            owner: set,
            current: current,
            update: update
        )
        if !set.isBeingDeleted { try await round.act() }
        let inUse = try await round.report()
        try await history.truncate(inUse: inUse)
        return PodState.untilNextAvailable(
            round.pods,
            minReadySeconds: set.spec.integer("minReadySeconds"),
            now: api.now()
        )
    }
}
