import JSON
import KubernetesModel

/// What a kubelet knows of one pod.
struct PodRecord: Sendable {
    /// Why a pod failed as a whole.
    struct Failure: Sendable, Hashable {
        let reason: String
        let message: String
    }

    let uid: String
    let key: ObjectKey
    var startTime: Timestamp
    /// The addresses, once the pod's network is there.
    var addresses: PodAddresses?
    /// The init containers, sidecars among them, in order, then the main ones.
    var containers: [ContainerRecord]
    var failure: Failure?
    /// Whether all init containers have done their part, which is not taken back.
    var isInitialized = false
    /// Whether the pod has ended and will do nothing more.
    var isOver = false
    /// Until when volumes are not tried again, and the pause after that.
    var mountRetry: (at: Timestamp, pause: Duration)?
    /// Whether the pod waits for a config map or secret.
    var waitsForConfiguration = false

    init(_ pod: KubernetesObject, now: Timestamp) {
        uid = pod.uid
        key = ObjectKey(pod)
        startTime = now
        let initial = pod.spec["initContainers"]?.arrayValue ?? []
        let reason = initial.isEmpty ? "ContainerCreating" : "PodInitializing"
        containers = initial.map { container in
            ContainerRecord(
                name: container["name"]?.stringValue ?? "",
                kind: container["restartPolicy"]?.stringValue == "Always" ? .sidecar : .initial,
                waiting: "PodInitializing"
            )
        }
        for container in pod.spec["containers"]?.arrayValue ?? [] {
            containers.append(
                ContainerRecord(name: container["name"]?.stringValue ?? "", kind: .main, waiting: reason)
            )
        }
        recover(from: pod)
    }

    /// Takes up what the pod's status says of the time before a restart of Ingot.
    private mutating func recover(from pod: KubernetesObject) {
        guard let start = (pod.status["startTime"]?.stringValue).flatMap(Timestamp.init(rfc3339:)) else {
            return
        }
        startTime = start
        if let address = pod.status["podIP"]?.stringValue, let host = pod.status["hostIP"]?.stringValue {
            addresses = PodAddresses(pod: address, host: host)
        }
        let statuses =
            (pod.status["initContainerStatuses"]?.arrayValue ?? [])
            + (pod.status["containerStatuses"]?.arrayValue ?? [])
        for index in containers.indices {
            if let status = statuses.first(where: { $0["name"]?.stringValue == containers[index].name }) {
                containers[index].recover(from: status)
            }
        }
        isInitialized = pod.condition("Initialized")?["status"]?.stringValue == "True"
        let phase = pod.status["phase"]?.stringValue
        isOver = phase == "Succeeded" || phase == "Failed"
        if phase == "Failed", let reason = pod.status["reason"]?.stringValue {
            failure = Failure(reason: reason, message: pod.status["message"]?.stringValue ?? "")
        }
    }

    /// The specification of each container, in the order of `containers`.
    static func specifications(of pod: KubernetesObject) -> [JSONValue] {
        (pod.spec["initContainers"]?.arrayValue ?? []) + (pod.spec["containers"]?.arrayValue ?? [])
    }

    var main: [ContainerRecord] { containers.filter { $0.kind == .main } }

    var hasRunning: Bool { containers.contains { $0.runningID != nil } }
}

/// Whether an ended container is started again (core/v1 RestartPolicy).
enum RestartPolicy: String, Sendable {
    case always = "Always"
    case onFailure = "OnFailure"
    case never = "Never"

    init(_ pod: KubernetesObject) {
        self = (pod.spec["restartPolicy"]?.stringValue).flatMap(RestartPolicy.init(rawValue:)) ?? .always
    }

    func restarts(after end: ContainerEnd, _ kind: ContainerKind) -> Bool {
        switch (kind, self) {
        case (.sidecar, _): true
        case (.initial, .never): false
        case (.initial, _): end.exitCode != 0
        case (.main, .always): true
        case (.main, .onFailure): end.exitCode != 0
        case (.main, .never): false
        }
    }
}
