import JSON
import KubernetesModel

/// What a kubelet knows of one container of a pod.
struct ContainerRecord: Sendable {
    enum State: Sendable, Hashable {
        case waiting(reason: String, message: String)
        case running(id: String, startedAt: Timestamp)
        case terminated(Termination)
    }

    /// An instance of the container that has ended.
    struct Termination: Sendable, Hashable {
        var id: String
        var startedAt: Timestamp
        var end: ContainerEnd
    }

    /// How far the image is.
    enum Pull: Sendable, Hashable {
        case none
        case running(since: Timestamp, until: Timestamp)
        case failed(since: Timestamp, until: Timestamp)
        case done(id: String)
    }

    let name: String
    let kind: ContainerKind
    var state: State
    var last: Termination?
    var restarts: Int64 = 0
    var imageID = ""
    var pull = Pull.none
    /// When a container whose image is there is created.
    var creation: Timestamp?
    /// The wait after the last failed pull; nil before the first.
    var pullDelay: Duration?
    /// The wait before the next restart, 10 s to 5 min; nil before the first, which comes at once.
    var restartDelay: Duration?
    /// The probes of the running instance.
    var probes: [ProbeRecord] = []
    /// Whether the running instance is being ended.
    var isStopping = false
    var isStarted = false
    var isReady = false

    init(name: String, kind: ContainerKind, waiting reason: String) {
        self.name = name
        self.kind = kind
        state = .waiting(reason: reason, message: "")
    }

    var runningID: String? {
        if case .running(let id, _) = state { id } else { nil }
    }

    /// How the present instance ended, or, while the next one waits to start, the one before.
    var termination: Termination? {
        switch state {
        case .terminated(let termination): termination
        case .waiting: last
        case .running: nil
        }
    }

    /// Whether the container has ended well.
    var hasSucceeded: Bool {
        if case .terminated(let termination) = state { termination.end.exitCode == 0 } else { false }
    }

    mutating func wait(_ reason: String, _ message: String = "") {
        if case .terminated(let termination) = state { last = termination }
        state = .waiting(reason: reason, message: message)
        isReady = false
        isStarted = false
    }

    mutating func noteStart(id: String, at now: Timestamp) {
        if case .terminated(let termination) = state { last = termination }
        state = .running(id: id, startedAt: now)
        creation = nil
        isStopping = false
        isStarted = false
        isReady = false
    }

    mutating func noteEnd(_ end: ContainerEnd) {
        guard case .running(let id, let startedAt) = state else { return }
        state = .terminated(Termination(id: id, startedAt: startedAt, end: end))
        probes = []
        isStopping = false
        isReady = false
        isStarted = false
        pull = .none
    }
}

extension ContainerRecord {
    /// The entry of `status.containerStatuses`.
    func status(_ container: JSONValue) -> JSONValue {
        var status: JSONValue = [
            "name": .string(name),
            "image": .string(ImageName(container["image"]?.stringValue ?? "").canonical),
            "imageID": .string(imageID), "restartCount": .integer(restarts), "ready": .bool(isReady),
            "started": .bool(isStarted),
        ]
        if imageID.isEmpty { status["image"] = container["image"] }
        var lastState: JSONValue = [:]
        if let last { lastState["terminated"] = Self.json(last) }
        status["lastState"] = lastState
        switch state {
        case .waiting(let reason, let message):
            var waiting: JSONValue = ["reason": .string(reason)]
            if !message.isEmpty { waiting["message"] = .string(message) }
            status["state"] = ["waiting": waiting]
            if let last { status["containerID"] = .string(last.id) }
        case .running(let id, let startedAt):
            status["state"] = ["running": ["startedAt": .string(startedAt.kubernetesTime)]]
            status["containerID"] = .string(id)
        case .terminated(let termination):
            status["state"] = ["terminated": Self.json(termination)]
            status["containerID"] = .string(termination.id)
        }
        if let resources = container["resources"], resources.objectValue?.isEmpty == false {
            status["resources"] = resources
            if let requests = resources["requests"] { status["allocatedResources"] = requests }
        }
        return status
    }

    private static func json(_ termination: Termination) -> JSONValue {
        var json: JSONValue = [
            "exitCode": .integer(termination.end.exitCode), "reason": .string(termination.end.reason),
            "startedAt": .string(termination.startedAt.kubernetesTime),
            "finishedAt": .string(termination.end.finishedAt.kubernetesTime),
            "containerID": .string(termination.id),
        ]
        if !termination.end.message.isEmpty { json["message"] = .string(termination.end.message) }
        return json
    }

    /// Takes up what a status says, after a restart of Ingot.
    mutating func recover(from status: JSONValue) {
        restarts = status["restartCount"]?.integerValue ?? 0
        imageID = status["imageID"]?.stringValue ?? ""
        last = (status["lastState"]?["terminated"]).flatMap(Self.termination)
        let id = status["containerID"]?.stringValue ?? ""
        if let running = status["state"]?["running"] {
            state = .running(id: id, startedAt: Self.time(running["startedAt"]))
            isStarted = status["started"]?.boolValue ?? false
            isReady = status["ready"]?.boolValue ?? false
        } else if let terminated = status["state"]?["terminated"] {
            if let termination = Self.termination(terminated) { state = .terminated(termination) }
        } else if let waiting = status["state"]?["waiting"] {
            state = .waiting(
                reason: waiting["reason"]?.stringValue ?? "ContainerCreating",
                message: waiting["message"]?.stringValue ?? ""
            )
        }
        if restarts > 0 { restartDelay = min(.seconds(10 << min(restarts - 1, 5)), .seconds(300)) }
    }

    private static func time(_ json: JSONValue?) -> Timestamp {
        (json?.stringValue).flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(secondsSinceEpoch: 0)
    }

    private static func termination(_ json: JSONValue) -> Termination? {
        guard let code = json["exitCode"]?.integerValue else { return nil }
        return Termination(
            id: json["containerID"]?.stringValue ?? "",
            startedAt: time(json["startedAt"]),
            end: ContainerEnd(
                exitCode: code,
                reason: json["reason"]?.stringValue ?? "",
                message: json["message"]?.stringValue ?? "",
                finishedAt: time(json["finishedAt"])
            )
        )
    }
}

/// An image reference in its full form (distribution/reference).
struct ImageName: Sendable, Hashable {
    /// The registry and the repository: `docker.io/library/busybox`.
    let repository: String
    /// The tag, `latest` when there is neither tag nor digest.
    let tag: String
    /// The digest, when the reference has one.
    let digest: String

    init(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1)
        var name = parts.first.map(String.init) ?? ""
        digest = parts.count == 2 ? String(parts[1]) : ""
        var tag = digest.isEmpty ? "latest" : ""
        if let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") {
            tag = String(name[name.index(after: colon)...])
            name = String(name[..<colon])
        }
        self.tag = tag
        let first = name.prefix { $0 != "/" }
        if !name.contains("/") {
            name = "docker.io/library/" + name
        } else if !first.contains("."), !first.contains(":"), first != "localhost" {
            name = "docker.io/" + name
        }
        repository = name
    }

    /// `docker.io/library/busybox:latest`.
    var canonical: String { digest.isEmpty ? "\(repository):\(tag)" : "\(repository)@\(digest)" }
}
