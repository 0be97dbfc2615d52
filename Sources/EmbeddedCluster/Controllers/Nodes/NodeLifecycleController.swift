import JSON
import KubernetesModel

/// Notices nodes from which nothing is heard, and taints nodes as their conditions say.
struct NodeLifecycleController: Controller {
    let name = "node-controller"

    /// How long a node may be silent, seconds (upstream's `--node-monitor-grace-period`).
    static let gracePeriod: Int64 = 50
    private static let leases = "kube-node-lease"
    private static let notReady = "node.kubernetes.io/not-ready"
    private static let unreachable = "node.kubernetes.io/unreachable"

    var triggers: [Trigger] { [.itself(.nodes)] }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        guard var node = api.get(.nodes, key) else { return nil }
        let now = api.now()
        let silentFrom = (heard(node, api) ?? now).adding(seconds: Self.gracePeriod)
        if silentFrom <= now { node = try await markUnknown(node, api) }
        try await taint(node, api)
        return silentFrom <= now ? nil : now.duration(until: silentFrom)
    }

    /// When the node last gave a sign of life.
    private func heard(_ node: KubernetesObject, _ api: ClusterAPI) -> Timestamp? {
        let lease = api.get(.leases, ObjectKey(namespace: Self.leases, name: node.name))
        let signs = [
            lease?.spec["renewTime"], node.condition("Ready")?["lastHeartbeatTime"],
        ].compactMap { $0?.stringValue.flatMap { Timestamp(rfc3339: $0) } }
        return (signs + [node.creationTimestamp].compactMap { $0 }).max()
    }

    private func markUnknown(
        _ node: KubernetesObject,
        _ api: ClusterAPI
    ) async throws(APIStatus) -> KubernetesObject {
        let types = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"]
        if types.allSatisfy({ node.condition($0)?["status"] == "Unknown" }) { return node }
        let now = api.now()
        return try await api.updateStatus(.nodes, ObjectKey(node), as: name) { node in
            var conditions = Conditions(node)
            for type in types where conditions[type]?["status"] != "Unknown" {
                let wasPosted = conditions[type] != nil
                conditions.set(
                    type,
                    "Unknown",
                    wasPosted ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
                    wasPosted ? "Kubelet stopped posting node status." : "Kubelet never posted node status.",
                    now: now
                )
            }
            node.json[at: "status", "conditions"] = conditions.json
        }
    }

    // MARK: Taints

    /// The taints that the controller sets, and those of them that a node is to have now.
    private func taints(_ node: KubernetesObject) -> (own: [Taint], wanted: Set<Taint>) {
        let ready = node.condition("Ready")?["status"]?.stringValue
        var rows: [(taint: Taint, isWanted: Bool)] = []
        for effect in [Taint.Effect.noSchedule, .noExecute] {
            rows.append((Taint(Self.notReady, "", effect), ready == "False" || ready == nil))
            rows.append((Taint(Self.unreachable, "", effect), ready == "Unknown"))
        }
        for (condition, key) in [
            ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
            ("DiskPressure", "node.kubernetes.io/disk-pressure"),
            ("PIDPressure", "node.kubernetes.io/pid-pressure"),
            ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
        ] {
            rows.append((Taint(key, "", .noSchedule), Conditions(node).isTrue(condition)))
        }
        let isCordoned = node.spec["unschedulable"] == true
        rows.append((Taint("node.kubernetes.io/unschedulable", "", .noSchedule), isCordoned))
        return (rows.map(\.taint), Set(rows.filter(\.isWanted).map(\.taint)))
    }

    private func taint(_ node: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        let (own, wanted) = taints(node)
        let now = api.now()
        let isNews =
            wanted.contains { $0.key == Self.unreachable }
            && !(node.spec["taints"]?.arrayValue ?? []).contains {
                $0["key"]?.stringValue == Self.unreachable
            }
        try await Ownership.ignoringAbsence { () throws(APIStatus) in
            try await api.update(.nodes, ObjectKey(node), as: name) { node in
                let present = node.spec["taints"]?.arrayValue ?? []
                let kept = present.filter { json in
                    guard let taint = Taint(json: json), own.contains(taint) else { return true }
                    return wanted.contains(taint)
                }
                let there = Set(kept.compactMap(Taint.init(json:)))
                let added = own.filter { wanted.contains($0) && !there.contains($0) }.map { taint in
                    var json = taint.json
                    json["timeAdded"] = .string(now.kubernetesTime)
                    return json
                }
                let taints = kept + added
                if taints != present {
                    node.json[at: "spec", "taints"] = taints.isEmpty ? nil : .array(taints)
                }
            }
        }
        guard isNews else { return }
        await EventRecorder(api: api, component: name).record(
            .normal,
            "NodeNotReady",
            "Node \(node.name) status is now: NodeNotReady",
            about: node
        )
        try await markPodsNotReady(on: node, api)
    }

    /// Nobody can say any more that the pods of a silent node are ready: services leave them out until it is heard again.
    private func markPodsNotReady(on node: KubernetesObject, _ api: ClusterAPI) async throws(APIStatus) {
        let now = api.now()
        for pod in api.list(.pods) where PodState.node(pod) == node.name && PodState.isReady(pod) {
            try await Ownership.ignoringAbsence { () throws(APIStatus) in
                try await api.updateStatus(.pods, ObjectKey(pod), as: name) { pod in
                    var conditions = Conditions(pod)
                    conditions.set("Ready", "False", "NodeNotReady", "Node is not ready", now: now)
                    pod.json[at: "status", "conditions"] = conditions.json
                }
            }
            await EventRecorder(api: api, component: name)
                .record(.warning, "NodeNotReady", "Node is not ready", about: pod)
        }
    }
}
