import JSON
import KubernetesModel

/// Evicts pods from nodes with `NoExecute` taints that they do not tolerate, or tolerate no longer.
struct TaintEvictionController: Controller {
    let name = "taint-eviction-controller"

    var triggers: [Trigger] {
        [
            Trigger(.nodes) { change, _ in
                change.previous?.spec["taints"] == change.current?.spec["taints"] && change.previous != nil
                    ? [] : [change.key]
            },
            Trigger(.pods) { change, state in
                // A pod that has come to a node, or says anew what it tolerates.
                guard let pod = change.current, !pod.isBeingDeleted, !PodState.node(pod).isEmpty,
                    change.previous?.spec["nodeName"] != pod.spec["nodeName"]
                        || change.previous?.spec["tolerations"] != pod.spec["tolerations"]
                else { return [] }
                let key = ObjectKey(name: PodState.node(pod))
                return state.object(.nodes, key)?.spec["taints"] == nil ? [] : [key]
            },
        ]
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard let node = api.get(.nodes, key) else { return nil }
        let taints = (node.spec["taints"]?.arrayValue ?? []).filter { $0["effect"] == "NoExecute" }
        guard !taints.isEmpty else { return nil }
        let now = api.now()
        var next: Timestamp?
        for pod in api.list(.pods)
        where PodState.node(pod) == key.name && !pod.isBeingDeleted && !PodState.isTerminated(pod) {
            switch limit(of: pod, taints, now: now) {
            case .never: continue
            case .at(let time) where time <= now: try await evict(pod, api)
            case .at(let time): next = min(next ?? time, time)
            }
        }
        return next.map { now.duration(until: $0) }
    }

    private enum Limit {
        case never
        case at(Timestamp)
    }

    /// How long a pod may stay on a node with those taints: as long as the shortest of the tolerations that it makes use of.
    private func limit(of pod: KubernetesObject, _ taints: [JSONValue], now: Timestamp) -> Limit {
        let tolerations = (pod.spec["tolerations"]?.arrayValue ?? []).compactMap(Toleration.init(json:))
        var end: Timestamp?
        for json in taints {
            guard let taint = Taint(json: json) else { continue }
            let used = tolerations.filter { $0.tolerates(taint) }
            guard !used.isEmpty else { return .at(now) }
            guard let seconds = used.compactMap(\.seconds).min() else { continue }
            let since = json["timeAdded"]?.stringValue.flatMap { Timestamp(rfc3339: $0) } ?? now
            let time = since.adding(seconds: max(0, seconds))
            end = min(end ?? time, time)
        }
        return end.map(Limit.at) ?? .never
    }

    private func evict(_ pod: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        await EventRecorder(api: api, component: name).record(
            .normal,
            "TaintManagerEviction",
            "Marking for deletion Pod \(ObjectKey(pod))",
            about: pod
        )
        let now = api.now()
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.updateStatus(.pods, ObjectKey(pod), as: name) { pod in
                var conditions = Conditions(pod)
                conditions.set(
                    "DisruptionTarget",
                    "True",
                    "DeletionByTaintManager",
                    "Taint manager: deleting due to NoExecute taint",
                    now: now
                )
                pod.json[at: "status", "conditions"] = conditions.json
            }
        }
        try await api.delete(.pods, ObjectKey(pod), DeleteOptions(uid: pod.uid))
    }
}
