public import JSON
public import KubernetesModel

/// What is kept of a pod.
public final class PodProjection: Projection {
    /// A container as it was asked for.
    public struct Container: Sendable, Hashable {
        /// When a container runs.
        public enum Role: Sendable, Hashable {
            /// With the pod.
            case main
            /// Before the others, to its end.
            case initial
            /// From before the others on: an init container that restarts always.
            case sidecar
        }

        /// Its name in the pod.
        public var name = ""
        /// The image.
        public var image = ""
        /// When it runs.
        public var role = Role.main
        /// What the scheduler sets aside for it.
        public var requests: [String: Quantity] = [:]
    }

    /// How a container stands.
    public struct ContainerStatus: Sendable, Hashable {
        /// Its name in the pod.
        public var name = ""
        /// Whether its readiness probe succeeds.
        public var isReady = false
        /// How often it was started again.
        public var restartCount: Int64 = 0
        /// Why it waits, such as `ImagePullBackOff`; empty when it does not.
        public var waitingReason = ""
        /// More on why it waits or how it ended, for people.
        public var message = ""
        /// Whether it runs.
        public var isRunning = false
        /// Why it ended, such as `OOMKilled`; empty when it has not.
        public var terminatedReason = ""
        /// How it ended; nil when it has not.
        public var exitCode: Int64?
        /// Why it ended the time before.
        public var lastTerminatedReason = ""
        /// How it ended the time before.
        public var lastExitCode: Int64?
    }

    /// What every object has.
    public let metadata: ObjectMetadata
    /// The node that it is bound to; empty for none.
    public let nodeName: String
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public let phase: String
    /// Why it is in that phase, in one word, such as `Evicted`.
    public let reason: String
    /// Why it is in that phase, for people.
    public let message: String
    /// Its address; empty for none.
    public let address: String
    /// When a kubelet took it up.
    public let started: Timestamp?
    /// The conditions, such as `Ready`.
    public let conditions: [ObjectCondition]
    /// The containers, init containers first.
    public let containers: [Container]
    /// What running the pod takes beside its containers.
    public let overhead: [String: Quantity]
    /// How the containers stand, init containers first.
    public let statuses: [ContainerStatus]

    /// Whether its containers have ended for good.
    public var isOver: Bool { phase == "Succeeded" || phase == "Failed" }
    /// Whether it serves.
    public var isReady: Bool { conditions.first { $0.type == "Ready" }?.isTrue == true }

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var metadata = ObjectMetadata()
        var spec = PodSpecContent()
        var status = PodStatusContent()
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "metadata": metadata = try ObjectMetadata(&scanner)
            case "spec": spec = try PodSpecContent(&scanner)
            case "status": status = try PodStatusContent(&scanner)
            default: break
            }
        }
        self.metadata = metadata
        nodeName = spec.nodeName
        containers = spec.initContainers + spec.containers
        overhead = spec.overhead
        phase = status.phase
        reason = status.reason
        message = status.message
        address = status.address
        started = status.started
        conditions = status.conditions
        statuses = status.initStatuses + status.statuses
    }
}

/// What is read of a pod's specification.
private struct PodSpecContent {
    var nodeName = ""
    var containers: [PodProjection.Container] = []
    var initContainers: [PodProjection.Container] = []
    var overhead: [String: Quantity] = [:]

    init() {}

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var content = PodSpecContent()
        try scanner.fields { (key, scanner) throws(JSONScanError) in
            switch key {
            case "nodeName": content.nodeName = try scanner.sharedText()
            case "containers":
                try scanner.elements { (scanner) throws(JSONScanError) in
                    content.containers.append(try Self.container(&scanner, .main))
                }
            case "initContainers":
                try scanner.elements { (scanner) throws(JSONScanError) in
                    content.initContainers.append(try Self.container(&scanner, .initial))
                }
            case "overhead": content.overhead = try scanner.sharedQuantities()
            default: break
            }
        }
        self = content
    }

    private static func container(
        _ scanner: inout JSONScanner,
        _ role: PodProjection.Container.Role
    ) throws(JSONScanError) -> PodProjection.Container {
        var container = PodProjection.Container()
        container.role = role
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "name": container.name = try scanner.sharedString()
            case "image": container.image = try scanner.sharedText()
            case "restartPolicy":
                if try scanner.optionalString() == "Always", role == .initial { container.role = .sidecar }
            case "resources":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "requests" { container.requests = try scanner.sharedQuantities() }
                }
            default: break
            }
        }
        return container
    }
}

/// What is read of a pod's status.
private struct PodStatusContent {
    var phase = ""
    var reason = ""
    var message = ""
    var address = ""
    var started: Timestamp?
    var conditions: [ObjectCondition] = []
    var statuses: [PodProjection.ContainerStatus] = []
    var initStatuses: [PodProjection.ContainerStatus] = []

    init() {}

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var content = PodStatusContent()
        try scanner.fields { (key, scanner) throws(JSONScanError) in
            switch key {
            case "phase": content.phase = try scanner.sharedText()
            case "reason": content.reason = try scanner.sharedText()
            case "message": content.message = try scanner.sharedText()
            case "podIP": content.address = try scanner.optionalString() ?? ""
            case "startTime": content.started = try scanner.time()
            case "conditions": content.conditions = try scanner.conditions()
            case "containerStatuses":
                try scanner.elements { (scanner) throws(JSONScanError) in
                    content.statuses.append(try Self.status(&scanner))
                }
            case "initContainerStatuses":
                try scanner.elements { (scanner) throws(JSONScanError) in
                    content.initStatuses.append(try Self.status(&scanner))
                }
            default: break
            }
        }
        self = content
    }

    private static func status(
        _ scanner: inout JSONScanner
    ) throws(JSONScanError) -> PodProjection.ContainerStatus {
        var status = PodProjection.ContainerStatus()
        try scanner.object { (key, scanner) throws(JSONScanError) in
            switch key {
            case "name": status.name = try scanner.sharedString()
            case "ready": status.isReady = try scanner.boolean()
            case "restartCount": status.restartCount = try scanner.integer()
            case "state":
                let state = try ContainerState(&scanner)
                status.waitingReason = state.waitingReason
                status.isRunning = state.isRunning
                status.terminatedReason = state.terminatedReason
                status.exitCode = state.exitCode
                status.message = state.message
            case "lastState":
                let state = try ContainerState(&scanner)
                status.lastTerminatedReason = state.terminatedReason
                status.lastExitCode = state.exitCode
            default: break
            }
        }
        return status
    }
}

/// One of a container's states.
private struct ContainerState {
    var waitingReason = ""
    var isRunning = false
    var terminatedReason = ""
    var exitCode: Int64?
    var message = ""

    init() {}

    init(_ scanner: inout JSONScanner) throws(JSONScanError) {
        var state = ContainerState()
        try scanner.fields { (key, scanner) throws(JSONScanError) in
            switch key {
            case "running": if try !scanner.skipNull() { state.isRunning = true }
            case "waiting":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "reason" { state.waitingReason = try scanner.sharedText() }
                    if key == "message" { state.message = try scanner.sharedText() }
                }
            case "terminated":
                try scanner.fields { (key, scanner) throws(JSONScanError) in
                    if key == "reason" { state.terminatedReason = try scanner.sharedText() }
                    if key == "exitCode" { state.exitCode = try scanner.integer() }
                    if key == "message" { state.message = try scanner.sharedText() }
                }
            default: break
            }
        }
        self = state
    }
}
