import JSON
import KubernetesModel

/// Pods of lower priority that are to go from a node so that another pod fits there (upstream: plugin DefaultPreemption).
struct Preemption: Sendable {
    let node: String
    let victims: [PodRequirements]
    /// Why the pod has to wait for now.
    let message: String

    /// The least harm that helps: the lowest priority among the highest of the victims, then the fewest victims.
    static func find(
        for filter: NodeFilter,
        unfit: [Unfit],
        in snapshot: inout SchedulingSnapshot
    ) -> Preemption? {
        guard filter.pod.mayPreempt else { return nil }
        var best: (harm: (Int64, Int, String), victims: [PodRequirements])?
        // Every node is unfit, so both lists run side by side.
        for (node, unfit) in zip(snapshot.nodes, unfit) where unfit.isResolvable {
            guard let victims = victims(on: node, for: filter, in: &snapshot), !victims.isEmpty else {
                continue
            }
            // Those that are leaving already are no loss: the node that was chosen before is chosen again.
            let lost = victims.filter { !$0.isBeingDeleted }
            let harm = (lost.map(\.priority).max() ?? .min, lost.count, node.name)
            if best.map({ harm < $0.harm }) ?? true { best = (harm, victims) }
        }
        guard let best else { return nil }
        for victim in best.victims { snapshot.remove(victim, from: best.harm.2) }
        snapshot.add(filter.pod, to: best.harm.2)
        let reasons = NoFit.histogram(unfit.flatMap(\.reasons))
        return Preemption(
            node: best.harm.2,
            victims: best.victims,
            message: "0/\(unfit.count) nodes are available: \(reasons)."
        )
    }

    private static func victims(
        on node: NodeState,
        for filter: NodeFilter,
        in snapshot: inout SchedulingSnapshot
    ) -> [PodRequirements]? {
        let lower = node.pods.filter { $0.priority < filter.pod.priority }
            .sorted { ($0.priority, $0.key) > ($1.priority, $1.key) }
        guard !lower.isEmpty else { return nil }
        var trial = snapshot
        for pod in lower { trial.remove(pod, from: node.name) }
        guard filter.fits(node.name, in: trial) else { return nil }
        // Those whose stay does no harm are spared, the most important first.
        var victims: [PodRequirements] = []
        for pod in lower {
            trial.add(pod, to: node.name)
            if !filter.fits(node.name, in: trial) {
                trial.remove(pod, from: node.name)
                victims.append(pod)
            }
        }
        return victims
    }

    /// Deletes the victims and notes for which node the pod waits.
    func carryOut(for pod: KubernetesObject, _ api: ClusterAPI) async {
        let node = node
        _ = try? await api.updateStatus(.pods, ObjectKey(pod), as: Scheduler.schedulerName) { object in
            if object.uid == pod.uid { object.json[at: "status", "nominatedNodeName"] = .string(node) }
        }
        let events = EventRecorder(api: api, component: Scheduler.schedulerName)
        let now = api.now()
        for victim in victims where !victim.isBeingDeleted {
            let condition = Condition(
                "DisruptionTarget",
                true,
                reason: "PreemptionByScheduler",
                message: "\(Scheduler.schedulerName): preempting to accommodate a higher priority pod"
            )
            guard
                let object = try? await api.updateStatus(
                    .pods,
                    victim.key,
                    as: Scheduler.schedulerName,
                    { $0.setCondition(condition, now: now) }
                )
            else { continue }
            await events.record(
                .normal,
                "Preempted",
                "Preempted by pod \(pod.uid) on node \(node)",
                about: object
            )
            _ = try? await api.delete(.pods, victim.key, DeleteOptions(uid: victim.uid))
        }
    }
}

extension NodeFilter {
    /// Whether the pod fits on a node of another snapshot.
    fileprivate func fits(_ node: String, in snapshot: SchedulingSnapshot) -> Bool {
        guard let node = snapshot.nodes.first(where: { $0.name == node }) else { return false }
        let filter = NodeFilter(pod, mayRunHere: mayRunHere, in: snapshot)
        return filter.unfit(node) == nil
    }
}
