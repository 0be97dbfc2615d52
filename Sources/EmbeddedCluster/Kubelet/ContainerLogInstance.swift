import JSON
import KubernetesModel

/// Which instance of a container a request for its log means.
struct ContainerLogInstance: Sendable, Hashable {
    /// As in the container's status.
    let id: String
    /// How often the container had been started before.
    let restarts: Int64
    let startedAt: Timestamp
    /// Nil while it runs.
    let finishedAt: Timestamp?

    /// Finds the instance, by the kubelet's rules: the running one, the one that has ended, or the one before while the next waits
    /// to start.
    ///
    /// - Throws: 400 in the kubelet's words when there is no log.
    init(of pod: KubernetesObject, _ container: String, previous: Bool) throws(APIStatus) {
        guard let node = pod.spec["nodeName"]?.stringValue, !node.isEmpty else {
            throw APIStatus.badRequest("pod \(pod.name) does not have a host assigned")
        }
        let statuses = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"].flatMap {
            pod.status[$0]?.arrayValue ?? []
        }
        guard let status = statuses.first(where: { $0["name"]?.stringValue == container }) else {
            throw APIStatus.badRequest(
                "container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: ContainerCreating"
            )
        }
        let restarts = status["restartCount"]?.integerValue ?? 0
        let last = status["lastState"]?["terminated"]
        if previous {
            guard let last else {
                throw APIStatus.badRequest(
                    "previous terminated container \"\(container)\" in pod \"\(pod.name)\" not found"
                )
            }
            let isWaiting = status["state"]?["waiting"] != nil
            self.init(last, restarts: isWaiting ? restarts : restarts - 1)
        } else if let running = status["state"]?["running"] {
            self.init(
                id: status["containerID"]?.stringValue ?? "",
                restarts: restarts,
                startedAt: Self.time(running["startedAt"]),
                finishedAt: nil
            )
        } else if let ended = status["state"]?["terminated"] ?? last {
            self.init(ended, restarts: restarts)
        } else {
            throw APIStatus.badRequest(
                "container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: "
                    + Self.cause(status["state"]?["waiting"]?["reason"]?.stringValue)
            )
        }
    }

    private init(_ terminated: JSONValue, restarts: Int64) {
        self.init(
            id: terminated["containerID"]?.stringValue ?? "",
            restarts: max(0, restarts),
            startedAt: Self.time(terminated["startedAt"]),
            finishedAt: Self.time(terminated["finishedAt"])
        )
    }

    private init(id: String, restarts: Int64, startedAt: Timestamp, finishedAt: Timestamp?) {
        self.id = id
        self.restarts = restarts
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    private static func time(_ json: JSONValue?) -> Timestamp {
        (json?.stringValue).flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(secondsSinceEpoch: 0)
    }

    private static func cause(_ reason: String?) -> String {
        switch reason {
        case "ErrImagePull": "image can't be pulled"
        case "ImagePullBackOff": "trying and failing to pull image"
        default: reason ?? "ContainerCreating"
        }
    }
}
