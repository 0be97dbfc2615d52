import JSON
import KubernetesModel

/// Keeps one pod of each daemon set on every node that it is meant for.
struct DaemonSetController: Controller {
    let name = "daemonset-controller"

    var triggers: [Trigger] {
        [
            .itself(.daemonSets),
            .controllerOrSelector(of: .pods, .daemonSets, kind: "DaemonSet"),
            Trigger(.nodes) { change, state in
                // Heartbeats are most of what happens to nodes, and none of a daemon set's concern.
                let relevant = { (node: KubernetesObject?) in
                    [node?.json["metadata"]?["labels"], node?.json["spec"]]
                }
                guard
                    change.previous == nil || change.current == nil
                        || relevant(change.previous) != relevant(change.current)
                else { return [] }
                return state.objects(.daemonSets).map(ObjectKey.init)
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let set = api.get(.daemonSets, key),
            let selector = set.spec["selector"].flatMap({ try? LabelSelector(object: $0) })
        else { return nil }
        let ownership = Ownership(api: api, owner: set, selector: selector, manager: name)
        _ = try await ownership.claim(.pods)
        let history = RevisionHistory(
            api: api,
            owner: set,
            manager: name,
            hashLabel: DaemonSetPods.revisionLabel
        )
        let revision: KubernetesObject
        do throws(APIStatus) {
            revision = try await history.update(collisions: set.status["collisionCount"]?.integerValue)
        } catch  where error.reason == .alreadyExists {
            try await api.updateStatus(.daemonSets, key, as: name) { set in
                let count = set.status.integer("collisionCount") + 1
                set.json[at: "status", "collisionCount"] = .integer(count)
            }
            throw error
        }
        let pods = DaemonSetPods(
            owner: set,
            hash: revision.label(DaemonSetPods.revisionLabel) ?? ""
        )
        let round = DaemonSetRound(
            api: api,
            factory: PodFactory(api: api, events: EventRecorder(api: api, component: name), owner: set),
            pods: pods
        )
        if !set.isBeingDeleted {
            try await round.act()
            if set.spec["updateStrategy"]?["type"] == "RollingUpdate" { try await round.roll() }
        }
        try await round.report()
        let hashes = Set(round.present.compactMap { $0.label(DaemonSetPods.revisionLabel) } + [pods.hash])
        let inUse = history.revisions
            .filter { hashes.contains($0.label(DaemonSetPods.revisionLabel) ?? "") }.map(\.name)
        try await history.truncate(inUse: Set(inUse))
        return PodState.untilNextAvailable(
            round.present,
            minReadySeconds: set.spec.integer("minReadySeconds"),
            now: api.now()
        )
    }
}
