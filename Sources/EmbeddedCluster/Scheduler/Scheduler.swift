import JSON
import KubernetesModel
import Synchronization

/// Gives pods their nodes: the scheduler of the cluster, under the name that pods ask for by default.
///
/// It looks at all waiting pods at once, whenever something changed that could help one of them.
final class Scheduler: Controller {
    static let schedulerName = "default-scheduler"
    let name = "default-scheduler"
    private static let work = ObjectKey(name: "waiting-pods")
    /// Whether this machine has a command for an image.
    private let runsHere: @Sendable (String) -> Bool
    /// What was read of pods, by UID.
    private let known = Mutex<[String: PodRequirements]>([:])

    init(runsHere: @escaping @Sendable (String) -> Bool = { _ in false }) {
        self.runsHere = runsHere
    }

    var triggers: [Trigger] {
        [
            Trigger(.pods) { change, _ in Self.isOpportunity(change) ? [Self.work] : [] },
            Trigger(.nodes) { change, _ in Self.changesNode(change) ? [Self.work] : [] },
            Trigger(.persistentVolumeClaims) { _, _ in [Self.work] },
            Trigger(.namespaces) { change, _ in
                change.previous?.labels != change.current?.labels ? [Self.work] : []
            },
        ]
    }

    /// Whether a change brings a pod to schedule, or room for one.
    private static func isOpportunity(_ change: Change) -> Bool {
        guard let current = change.current, !Self.isOver(current) else {
            // A pod is gone, or has ended and holds nothing any more.
            return change.previous.map { !Self.isOver($0) } ?? false
        }
        guard let previous = change.previous else { return true }
        return previous.spec != current.spec || previous.labels != current.labels
            || previous.isBeingDeleted != current.isBeingDeleted
    }

    private static func changesNode(_ change: Change) -> Bool {
        guard let previous = change.previous, let current = change.current else { return true }
        return previous.spec != current.spec || previous.labels != current.labels
            || previous.status["allocatable"] != current.status["allocatable"]
    }

    static func isOver(_ pod: KubernetesObject) -> Bool {
        let phase = pod.status["phase"]?.stringValue
        return phase == "Succeeded" || phase == "Failed"
    }

    // MARK: One pass

    /// What became of one pod.
    private enum Decision {
        case assigned(node: String)
        case gated
        case waiting(NoFit)
        case pushing(Preemption)
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let state = api.state
        let pods = state.objects(.pods).filter { !Self.isOver($0) }
        let requirements = read(pods)
        var waiting: [(pod: KubernetesObject, requirements: PodRequirements)] = []
        for pod in pods {
            guard let requirements = requirements[pod.uid], requirements.nodeName.isEmpty,
                !requirements.isBeingDeleted,
                pod.spec["schedulerName"]?.stringValue ?? Self.schedulerName == Self.schedulerName
            else { continue }
            waiting.append((pod, requirements))
        }
        guard !waiting.isEmpty else { return nil }
        // Higher priority first; of equals the older one.
        waiting.sort {
            (-$0.requirements.priority, $0.requirements.created, $0.requirements.key)
                < (-$1.requirements.priority, $1.requirements.created, $1.requirements.key)
        }
        var snapshot = SchedulingSnapshot(
            nodes: state.objects(.nodes).filter { !$0.isBeingDeleted }.map(NodeState.init),
            pods: requirements.values.filter { !$0.nodeName.isEmpty },
            namespaceLabels: Dictionary(
                state.objects(.namespaces).map { ($0.name, $0.labels) },
                uniquingKeysWith: { first, _ in first }
            )
        )
        var decisions: [(pod: KubernetesObject, decision: Decision)] = []
        for (pod, requirements) in waiting {
            let decision = decide(pod, requirements, &snapshot, state)
            if case .assigned(let node) = decision { snapshot.add(requirements, to: node) }
            decisions.append((pod, decision))
            if decisions.count == Self.batch {
                try await carryOut(decisions, api)
                decisions = []
            }
        }
        try await carryOut(decisions, api)
        return nil
    }

    /// How many pods are bound in one write: more would make watchers wait.
    private static let batch = 64

    /// What scheduling needs to know of each pod, by UID; read anew only for those that changed.
    private func read(_ pods: [KubernetesObject]) -> [String: PodRequirements] {
        known.withLock { known in
            var present: [String: PodRequirements] = [:]
            present.reserveCapacity(pods.count)
            for pod in pods {
                if let requirements = known[pod.uid], requirements.resourceVersion == pod.resourceVersion {
                    present[pod.uid] = requirements
                } else {
                    present[pod.uid] = PodRequirements(pod)
                }
            }
            known = present
            return present
        }
    }

    private func decide(
        _ pod: KubernetesObject,
        _ requirements: PodRequirements,
        _ snapshot: inout SchedulingSnapshot,
        _ state: ClusterState
    ) -> Decision {
        if !requirements.gates.isEmpty { return .gated }
        var noFit = NoFit(nodes: snapshot.nodes.count, mayPreempt: requirements.mayPreempt)
        if snapshot.nodes.isEmpty { return .waiting(noFit) }
        if let obstacle = VolumeClaims.obstacle(of: requirements, in: state) {
            noFit.preliminary = obstacle
            return .waiting(noFit)
        }
        let images = PodRecord.specifications(of: pod).compactMap { $0["image"]?.stringValue }
        let runsHere = images.allSatisfy(runsHere)
        let choosesHere = pod.spec["nodeSelector"]?[NodeLabels.thisMachine] != nil
        let filter = NodeFilter(requirements, mayRunHere: runsHere || choosesHere, in: snapshot)
        var candidates: [NodeState] = []
        for node in snapshot.nodes {
            if let unfit = filter.unfit(node) { noFit.unfit.append(unfit) } else { candidates.append(node) }
        }
        if let best = NodeScore(requirements, runsHere: runsHere, in: snapshot).best(of: candidates) {
            return .assigned(node: best.name)
        }
        if let preemption = Preemption.find(for: filter, unfit: noFit.unfit, in: &snapshot) {
            return .pushing(preemption)
        }
        return .waiting(noFit)
    }

    // MARK: Writing

    private func carryOut(
        _ decisions: [(pod: KubernetesObject, decision: Decision)],
        _ api: ClusterAPI
    ) async throws(APIStatus) {
        guard !decisions.isEmpty else { return }
        let now = api.now()
        let events = EventRecorder(api: api, component: name)
        let bindings = decisions.compactMap { pod, decision in
            if case .assigned(let node) = decision {
                (
                    pod: pod, node: node,
                    event: events.event(
                        .normal,
                        "Scheduled",
                        "Successfully assigned \(pod.namespace)/\(pod.name) to \(node)",
                        about: pod
                    )
                )
            } else {
                nil
            }
        }
        let definition = try api.definition(of: .events)
        let options = WriteOptions(manager: name, now: now)
        try await api.store.write { (transaction) throws(APIStatus) in
            for (pod, node, event) in bindings {
                do throws(APIStatus) {
                    let key = ObjectKey(pod)
                    try transaction.bind(key, uid: pod.uid, to: node, now: now)
                    transaction.select(node, forClaimsOf: pod)
                    // In the same write, so that no event of the node's kubelet comes before it.
                    _ = try transaction.create(definition, event, options)
                } catch {
                    // It is gone or has a node by now, or its namespace takes no event: whichever it is, nothing is left to do.
                    continue
                }
            }
        }
        await withDiscardingTaskGroup { group in
            for (pod, decision) in decisions {
                group.addTask {
                    switch decision {
                    case .assigned: break
                    case .gated:
                        await self.note(
                            pod,
                            Condition(
                                "PodScheduled",
                                false,
                                reason: "SchedulingGated",
                                message: "Scheduling is blocked due to non-empty scheduling gates"
                            ),
                            api
                        )
                    case .waiting(let noFit):
                        await self.report(noFit.message, of: pod, events, api)
                    case .pushing(let preemption):
                        await self.report(preemption.message, of: pod, events, api)
                        await preemption.carryOut(for: pod, api)
                    }
                }
            }
        }
    }

    private func report(
        _ message: String,
        of pod: KubernetesObject,
        _ events: EventRecorder,
        _ api: ClusterAPI
    ) async {
        let condition = Condition("PodScheduled", false, reason: "Unschedulable", message: message)
        guard await note(pod, condition, api) else { return }
        await events.record(.warning, "FailedScheduling", message, about: pod)
    }

    /// Sets a condition; returns whether the pod did not have it yet. A pod that is gone needs none.
    @discardableResult
    private func note(_ pod: KubernetesObject, _ condition: Condition, _ api: ClusterAPI) async -> Bool {
        let present = pod.condition(condition.type)
        if present?["status"]?.stringValue == condition.status.rawValue,
            present?["message"]?.stringValue == condition.message,
            present?["reason"]?.stringValue == condition.reason
        {
            return false
        }
        let now = api.now()
        do throws(APIStatus) {
            try await api.updateStatus(.pods, ObjectKey(pod), as: name) { object in
                if object.uid == pod.uid { object.setCondition(condition, now: now) }
            }
            return true
        } catch {
            return false
        }
    }
}

extension Transaction {
    /// Notes on claims that wait for their pod to which node it goes, for whoever makes the volume.
    fileprivate mutating func select(_ node: String, forClaimsOf pod: KubernetesObject) {
        for name in VolumeClaims.waiting(of: PodRequirements(pod), in: state) {
            guard var claim = state.object(.persistentVolumeClaims, pod.namespace, name) else { continue }
            claim.setAnnotation("volume.kubernetes.io/selected-node", node)
            put(.persistentVolumeClaims, claim)
        }
    }
}
