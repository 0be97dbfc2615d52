import JSON
import KubernetesModel
import Synchronization

/// The kubelets of some nodes: takes the pods that are bound to them through their phases.
final class Kubelet: Controller {
    let name: String
    private let runtime: any ContainerRuntime
    /// Whether a node is one of those.
    private let isOwn: @Sendable (KubernetesObject) -> Bool
    /// Which pods of those nodes are this one's: a large cluster has several, which work side by side.
    private let isMine: @Sendable (_ node: String) -> Bool
    private let records = Mutex<[ObjectKey: PodRecord]>([:])

    init(
        name: String = "kubelet",
        runtime: any ContainerRuntime,
        isOwn: @escaping @Sendable (KubernetesObject) -> Bool,
        isMine: @escaping @Sendable (_ node: String) -> Bool = { _ in true }
    ) {
        self.name = name
        self.runtime = runtime
        self.isOwn = isOwn
        self.isMine = isMine
    }

    var signals: AsyncStream<ObjectKey>? { runtime.signals }

    var triggers: [Trigger] {
        [
            Trigger(.pods) { [isMine] change, _ in
                let node = change.object?.spec["nodeName"]?.stringValue ?? ""
                return node.isEmpty || !isMine(node) ? [] : [change.key]
            },
            // The annotation on a node that asks for failures concerns its pods.
            Trigger(.nodes) { [self] change, _ in
                guard
                    change.previous?.annotation(NodeLabels.simulate)
                        != change.current?.annotation(NodeLabels.simulate)
                else { return [] }
                return podKeys { _ in true }
            },
            Trigger(.configMaps) { [self] change, _ in waiting(in: change.key.namespace) },
            Trigger(.secrets) { [self] change, _ in waiting(in: change.key.namespace) },
        ]
    }

    /// The pods of a namespace that wait for a config map or secret.
    private func waiting(in namespace: String) -> [ObjectKey] {
        podKeys { $0.waitsForConfiguration && $0.key.namespace == namespace }
    }

    private func podKeys(where isWanted: (PodRecord) -> Bool) -> [ObjectKey] {
        records.withLock { $0.values.filter(isWanted).map(\.key) }
    }

    func reconcile(_ key: ObjectKey, _ api: ClusterAPI) async throws(APIStatus) -> Duration? {
        let state = api.state
        let known = records.withLock { $0[key] }
        guard let pod = state.object(.pods, key), let node = node(of: pod, in: state) else {
            if let known { forget(known) }
            return nil
        }
        if let known, known.uid != pod.uid { forget(known) }
        // A kubelet that cannot be heard changes nothing that the API shows, and one that is not ready ends pods only.
        let health = SimulatedNodes.isSimulated(node) ? SimulatedFailure.health(of: node) : .ready
        guard health == .ready || (health == .notReady && pod.isBeingDeleted) else { return nil }
        let now = api.now()
        var record: PodRecord
        if let known, known.uid == pod.uid {
            record = known
        } else {
            record = resumed(PodRecord(pod, now: now), pod, state)
        }
        var sync = PodSync(pod, record, state, runtime, now: now)
        await sync.run()
        record = sync.record
        records.withLock { $0[key] = record }
        try await write(sync, api)
        if sync.isGone {
            try await api.delete(.pods, key, DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid))
            forget(record)
            return nil
        }
        return sync.wake.map { min(max(.zero, $0.duration(since: now)), .seconds(86_400)) }
    }

    private func node(of pod: KubernetesObject, in state: ClusterState) -> KubernetesObject? {
        guard let name = pod.spec["nodeName"]?.stringValue, !name.isEmpty, isMine(name),
            let node = state.object(.nodes, ObjectKey(name: name)), isOwn(node)
        else { return nil }
        return node
    }

    /// Takes up the containers that ran before Ingot was started again.
    private func resumed(_ record: PodRecord, _ pod: KubernetesObject, _ state: ClusterState) -> PodRecord {
        var record = record
        for (index, specification) in PodRecord.specifications(of: pod).enumerated()
        where record.containers.indices.contains(index) {
            guard case .running(let id, let startedAt) = record.containers[index].state else { continue }
            let environment = ContainerEnvironment(pod, specification, state, record.addresses)
            let request = ContainerStart(
                pod: pod,
                container: specification,
                kind: record.containers[index].kind,
                restarts: record.containers[index].restarts,
                environment: (try? environment.variables()) ?? [:],
                address: record.addresses?.pod ?? ""
            )
            guard runtime.resume(request, id: id, startedAt: startedAt) else { continue }
            record.containers[index].probes = ContainerProbe.Kind.allCases.compactMap { kind in
                ContainerProbe(kind, of: specification).map {
                    ProbeRecord($0, due: runtime.firstCheck($0, of: id, startedAt: startedAt))
                }
            }
        }
        return record
    }

    private func write(_ sync: PodSync, _ api: ClusterAPI) async throws(APIStatus) {
        let (record, now, uid) = (sync.record, sync.now, sync.pod.uid)
        try await api.updateStatus(.pods, ObjectKey(sync.pod), as: name) { pod in
            guard pod.uid == uid else { return }
            pod.status = PodStatusText(pod: pod, record: record, now: now).json
        }
        let recorder = EventRecorder(
            api: api,
            component: "kubelet",
            host: sync.pod.spec["nodeName"]?.stringValue
        )
        for event in sync.events {
            await recorder.record(
                event.severity,
                event.reason,
                event.message,
                about: sync.pod,
                field: event.field
            )
        }
    }

    private func forget(_ record: PodRecord) {
        for container in record.containers {
            guard let id = container.runningID else { continue }
            runtime.stop(id, grace: .zero, now: Timestamp.now())
            runtime.remove(id)
        }
        runtime.remove(pod: record.uid)
        records.withLock { records in
            if records[record.key]?.uid == record.uid { records[record.key] = nil }
        }
    }
}
