import JSON
import KubernetesModel

/// An event that a kubelet reports about a pod.
struct KubeletEvent: Sendable, Hashable {
    let severity: EventRecorder.Severity
    let reason: String
    let message: String
    /// The part of the pod that it is about, such as `spec.containers{main}`.
    var field: String?
}

/// One step of a kubelet's work on one pod: from how things are to how they are to be, as far as that goes now.
struct PodSync {
    let pod: KubernetesObject
    let state: ClusterState
    let now: Timestamp
    let runtime: any ContainerRuntime
    var record: PodRecord
    private(set) var events: [KubeletEvent] = []
    /// When to look again, though nothing changed.
    private(set) var wake: Timestamp?
    /// Whether the pod is to be removed from the API.
    private(set) var isGone = false

    init(
        _ pod: KubernetesObject,
        _ record: PodRecord,
        _ state: ClusterState,
        _ runtime: any ContainerRuntime,
        now: Timestamp
    ) {
        self.pod = pod
        self.record = record
        self.state = state
        self.runtime = runtime
        self.now = now
    }

    var policy: RestartPolicy { RestartPolicy(pod) }
    var specifications: [JSONValue] { PodRecord.specifications(of: pod) }

    mutating func run() async {
        for index in record.containers.indices { observe(index) }
        if pod.isBeingDeleted {
            end(grace: .seconds(pod.json["metadata"]?["deletionGracePeriodSeconds"]?.integerValue ?? 30))
            isGone = !record.hasRunning
            return
        }
        if record.isOver { return end(grace: .zero) }
        failIfDue()
        if record.failure != nil {
            end(grace: .seconds(pod.spec["terminationGracePeriodSeconds"]?.integerValue ?? 30))
            record.isOver = !record.hasRunning
            return
        }
        guard mountVolumes() else { return }
        if record.addresses == nil { record.addresses = await runtime.addresses(of: pod, in: state) }
        record.waitsForConfiguration = false
        await initialize()
        if record.isInitialized {
            for index in record.containers.indices where record.containers[index].kind == .main {
                await advance(index)
            }
        }
        for index in record.containers.indices { probe(index) }
        endWithMainContainers()
    }

    mutating func report(_ event: KubeletEvent) { events.append(event) }

    mutating func lookAgain(at time: Timestamp) { wake = wake.map { min($0, time) } ?? time }

    /// Notes a container that has ended meanwhile.
    private mutating func observe(_ index: Int) {
        guard let id = record.containers[index].runningID else { return }
        switch runtime.state(of: id, now: now) {
        case .running(let until): if let until { lookAgain(at: until) }
        case .ended(let end):
            record.containers[index].noteEnd(end)
            runtime.remove(id)
        case .unknown:
            record.containers[index].noteEnd(
                ContainerEnd(
                    exitCode: 137,
                    reason: "ContainerStatusUnknown",
                    message: "The container could not be located when the pod was terminated",
                    finishedAt: now
                )
            )
        }
    }

    // MARK: Init containers

    /// Starts the init containers, each once those before it have done their part.
    private mutating func initialize() async {
        for index in record.containers.indices where record.containers[index].kind != .main {
            let container = record.containers[index]
            if container.kind == .sidecar {
                await advance(index)
                if !record.isInitialized {
                    // A sidecar's own startup probe decides when it has started, so it is made now.
                    probe(index)
                    guard record.containers[index].isStarted else { return }
                }
            } else if !record.isInitialized, !container.hasSucceeded {
                await advance(index)
                return
            }
        }
        guard !record.isInitialized else { return }
        record.isInitialized = true
        for index in record.containers.indices where record.containers[index].kind == .main {
            if case .waiting("PodInitializing", _) = record.containers[index].state {
                record.containers[index].wait("PodInitializing")
            }
        }
    }

    // MARK: Ends

    /// The pod's own failures: eviction, and a deadline that has passed.
    private mutating func failIfDue() {
        if SimulatedFailure.requested(by: pod).contains(.evicted), state.isSimulated(pod) {
            let message =
                "The node was low on resource: memory. Threshold quantity: 100Mi, available: 87536Ki. "
                + record.main.map {
                    "Container \($0.name) was using 1Gi, request is 0, has larger consumption of memory. "
                }
                .joined()
            record.failure = .init(reason: "Evicted", message: message)
            report(KubeletEvent(severity: .warning, reason: "Evicted", message: message))
            return
        }
        guard let seconds = pod.spec["activeDeadlineSeconds"]?.integerValue else { return }
        let deadline = record.startTime.advanced(by: .seconds(seconds))
        if deadline <= now {
            let message = "Pod was active on the node longer than the specified deadline"
            record.failure = .init(reason: "DeadlineExceeded", message: message)
            report(KubeletEvent(severity: .normal, reason: "DeadlineExceeded", message: message))
        } else {
            lookAgain(at: deadline)
        }
    }

    /// Stops what runs. Sidecars are stopped last, in the reverse of their order.
    private mutating func end(grace: Duration) {
        let isMainRunning = record.containers.contains { $0.kind != .sidecar && $0.runningID != nil }
        for index in record.containers.indices.reversed() {
            let container = record.containers[index]
            if isMainRunning, container.kind == .sidecar { continue }
            stop(index, grace: grace, "Stopping container \(container.name)")
        }
        guard pod.isBeingDeleted || record.failure != nil else { return }
        // Nothing starts any more: what waited waits for nothing.
        for index in record.containers.indices {
            record.containers[index].creation = nil
            if case .running = record.containers[index].pull { record.containers[index].pull = .none }
        }
    }

    /// Stops a container that runs; a second call has no effect unless its grace period ends sooner.
    mutating func stop(_ index: Int, grace: Duration, _ message: String) {
        guard let id = record.containers[index].runningID else { return }
        if !record.containers[index].isStopping {
            record.containers[index].isStopping = true
            record.containers[index].isReady = false
            report(
                KubeletEvent(
                    severity: .normal,
                    reason: "Killing",
                    message: message,
                    field: field(index)
                )
            )
        }
        runtime.stop(id, grace: grace, now: now)
        observe(index)
    }

    /// Once the main containers are done for good, the sidecars end, and the pod is over.
    private mutating func endWithMainContainers() {
        let phase = PodStatusText(pod: pod, record: record, now: now).phase
        guard record.isInitialized || phase == "Failed" else { return }
        let isDone =
            phase == "Failed"
            || record.main.allSatisfy { container in
                guard case .terminated(let termination) = container.state else { return false }
                return !policy.restarts(after: termination.end, .main)
            }
        guard isDone else { return }
        end(grace: .seconds(pod.spec["terminationGracePeriodSeconds"]?.integerValue ?? 30))
        record.isOver = !record.hasRunning
    }

    /// The name of a container in events.
    func field(_ index: Int) -> String {
        let container = record.containers[index]
        return "spec.\(container.kind == .main ? "containers" : "initContainers"){\(container.name)}"
    }

    /// The pod in the kubelet's messages: `name_namespace(uid)`.
    var podText: String { "\(pod.name)_\(pod.namespace)(\(pod.uid))" }
}

extension ClusterState {
    /// Whether a pod is on a simulated node.
    func isSimulated(_ pod: KubernetesObject) -> Bool { simulatedNode(of: pod) != nil }

    /// What a pod on a simulated node, or that node, asks for; nothing elsewhere.
    func simulatedFailures(of pod: KubernetesObject) -> [SimulatedFailure] {
        guard let node = simulatedNode(of: pod) else { return [] }
        return SimulatedFailure.requested(by: pod) + SimulatedFailure.requested(by: node)
    }

    private func simulatedNode(of pod: KubernetesObject) -> KubernetesObject? {
        let node = object(.nodes, ObjectKey(name: pod.spec["nodeName"]?.stringValue ?? ""))
        return node.flatMap { SimulatedNodes.isSimulated($0) ? $0 : nil }
    }
}
