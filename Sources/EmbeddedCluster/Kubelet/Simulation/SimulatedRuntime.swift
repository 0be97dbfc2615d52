import JSON
import KubernetesModel
import Synchronization

/// Containers that are only told of: they start, print, pass probes and end as their images, commands and annotations suggest.
final class SimulatedRuntime: ContainerRuntime {
    private struct Instance {
        let request: ContainerStart
        let behaviour: ContainerBehaviour
        let failures: [SimulatedFailure]
        let startedAt: Timestamp
        /// How it was made to end.
        var stopped: ContainerEnd?
    }

    private struct Shared {
        var instances: [String: Instance] = [:]
        /// The images that each node has.
        var images: [String: Set<String>] = [:]
    }

    private let pace: KubeletPace
    /// What is asked for on the pod's node.
    private let failuresOfNode: @Sendable (String) -> [SimulatedFailure]
    private let shared = Mutex(Shared())

    var signals: AsyncStream<ObjectKey>? { nil }

    init(
        pace: KubeletPace,
        failuresOfNode: @escaping @Sendable (String) -> [SimulatedFailure]
    ) {
        self.pace = pace
        self.failuresOfNode = failuresOfNode
    }

    private func failures(of pod: KubernetesObject) -> [SimulatedFailure] {
        SimulatedFailure.requested(by: pod) + failuresOfNode(pod.spec["nodeName"]?.stringValue ?? "")
    }

    func addresses(of pod: KubernetesObject, in state: ClusterState) async -> PodAddresses {
        let nodeName = pod.spec["nodeName"]?.stringValue ?? ""
        let node = state.object(.nodes, ObjectKey(name: nodeName))
        let host =
            (node?.status["addresses"]?.arrayValue ?? [])
            .first { $0["type"]?.stringValue == "InternalIP" }?["address"]?.stringValue ?? "127.0.0.1"
        guard pod.spec["hostNetwork"]?.boolValue != true,
            let network = NodeAddresses(podCIDR: node?.spec["podCIDR"]?.stringValue ?? "")
        else { return PodAddresses(pod: host, host: host) }
        let taken = state.objects(.pods).filter {
            $0.spec["nodeName"]?.stringValue == nodeName && !Scheduler.isOver($0)
        }.compactMap { $0.status["podIP"]?.stringValue }
        return PodAddresses(pod: network.freePodAddress(notIn: Set(taken)) ?? host, host: host)
    }

    func problem(of volume: JSONValue) -> String? { nil }

    // MARK: Images

    func image(of container: JSONValue, in pod: KubernetesObject) -> ImageAvailability {
        let image = ImageName(container["image"]?.stringValue ?? "")
        let id = "\(image.repository)@sha256:\(NameDigest.long("image", image.canonical))"
        if failures(of: pod).contains(.imagePullBackOff) {
            return .unpullable(
                time: pace.pull,
                message: "failed to resolve reference \"\(image.canonical)\": \(image.canonical): not found"
            )
        }
        let node = pod.spec["nodeName"]?.stringValue ?? ""
        let isPresent = shared.withLock { $0.images[node]?.contains(image.canonical) ?? false }
        if isPresent { return .present(id: id) }
        if container["imagePullPolicy"]?.stringValue == "Never" {
            return .unusable(
                reason: "ErrImageNeverPull",
                message:
                    "Container image \"\(container["image"]?.stringValue ?? "")\" is not present with pull policy of Never"
            )
        }
        return .pullable(id: id, time: pace.pull, bytes: Self.bytes(image))
    }

    /// A size that is plausible for what the image holds, and always the same.
    private static func bytes(_ image: ImageName) -> Int64 {
        let variation = Int64(NameDigest.value(image.canonical) % 997)
        let name = image.repository.lowercased()
        let isEngine = ["vllm", "sglang", "tensorrt", "trtllm", "dynamo", "ray"].contains(
            where: name.contains
        )
        let base: Int64 =
            isEngine ? 9_000_000_000 : name.hasPrefix("docker.io/library/") ? 20_000_000 : 180_000_000
        return base + base / 1000 * variation / 4 + variation
    }

    func keep(_ image: String, for pod: KubernetesObject) {
        let node = pod.spec["nodeName"]?.stringValue ?? ""
        shared.withLock { _ = $0.images[node, default: []].insert(ImageName(image).canonical) }
    }

    // MARK: Containers

    func creationTime(of container: JSONValue, in pod: KubernetesObject) -> Duration {
        var time = pace.start
        // Without a probe nothing else could show that a start is slow.
        let hasProbe = container["readinessProbe"] != nil || container["startupProbe"] != nil
        if !hasProbe, let delay = Self.delay(failures(of: pod)) { time += delay }
        return time
    }

    private static func delay(_ failures: [SimulatedFailure]) -> Duration? {
        for case .slowStart(let seconds) in failures { return .milliseconds(Int64(seconds * 1000)) }
        return nil
    }

    func start(_ request: ContainerStart, now: Timestamp) async -> ContainerStartOutcome {
        let id =
            "containerd://" + NameDigest.long(request.pod.uid, request.name, String(request.restarts))
        run(request, id: id, startedAt: now)
        return .started(id: id)
    }

    func resume(_ request: ContainerStart, id: String, startedAt: Timestamp) -> Bool {
        run(request, id: id, startedAt: startedAt)
        keep(request.container["image"]?.stringValue ?? "", for: request.pod)
        return true
    }

    private func run(_ request: ContainerStart, id: String, startedAt: Timestamp) {
        let failures = failures(of: request.pod)
        let instance = Instance(
            request: request,
            behaviour: ContainerBehaviour(request, pace: pace, failures: failures),
            failures: failures,
            startedAt: startedAt
        )
        shared.withLock { $0.instances[id] = instance }
    }

    func state(of id: String, now: Timestamp) -> ContainerObservation {
        guard let instance = shared.withLock({ $0.instances[id] }) else { return .unknown }
        let own = instance.behaviour.end(startedAt: instance.startedAt)
        // Whichever comes first: its own end, or the one it is made to come to.
        let end = [own, instance.stopped].compactMap { $0 }.min { $0.finishedAt < $1.finishedAt }
        guard let end else { return .running(until: nil) }
        return end.finishedAt <= now ? .ended(end) : .running(until: end.finishedAt)
    }

    /// A simulated program heeds SIGTERM: those that serve end well, others by the signal.
    func stop(_ id: String, grace: Duration, now: Timestamp) {
        shared.withLock { shared in
            guard let instance = shared.instances[id], instance.stopped == nil else { return }
            let isKilled = grace <= .zero
            let code: Int64 = isKilled ? 137 : 0
            shared.instances[id]?.stopped = ContainerEnd(
                exitCode: code,
                reason: code == 0 ? "Completed" : "Error",
                finishedAt: now.advanced(by: min(grace, pace.start))
            )
        }
    }

    func remove(_ id: String) {
        shared.withLock { _ = $0.instances.removeValue(forKey: id) }
    }

    func remove(pod uid: String) {
        shared.withLock { shared in
            shared.instances = shared.instances.filter { $0.value.request.pod.uid != uid }
        }
    }

    // MARK: Probes

    func firstCheck(_ probe: ContainerProbe, of id: String, startedAt: Timestamp) -> Timestamp {
        if pace.keepsInitialDelays { return startedAt.advanced(by: probe.initialDelay) }
        return probe.kind == .liveness ? startedAt : startedAt.advanced(by: pace.ready)
    }

    func nextCheck(_ probe: ContainerProbe, failedAt: Timestamp) -> Timestamp {
        guard probe.kind == .liveness, let recheck = pace.recheck else {
            return failedAt.advanced(by: probe.period)
        }
        return failedAt.advanced(by: min(recheck, probe.period))
    }

    func check(_ probe: ContainerProbe, of id: String, address: String, now: Timestamp) -> ProbeCheck {
        guard let instance = shared.withLock({ $0.instances[id] }) else {
            return .done(.failure("container not running"))
        }
        let failing: SimulatedFailure =
            switch probe.kind {
            case .startup: .startupProbe
            case .readiness: .readinessProbe
            case .liveness: .livenessProbe
            }
        let delay = Self.delay(instance.failures) ?? .zero
        let isUp = instance.startedAt.advanced(by: pace.ready + delay) <= now
        // A liveness probe of a program that has yet to start is taken to be patient enough.
        if !instance.failures.contains(failing), isUp || probe.kind == .liveness { return .done(.success) }
        return .done(.failure(Self.failure(probe, address)))
    }

    private static func failure(_ probe: ContainerProbe, _ address: String) -> String {
        switch probe.action {
        case .http: "HTTP probe failed with statuscode: 503"
        case .tcp(_, let port): "dial tcp \(address):\(port): connect: connection refused"
        case .grpc(let port, _):
            "timeout: failed to connect service \"\(address):\(port)\" within 1s: context deadline exceeded"
        case .command: ""
        }
    }
}
