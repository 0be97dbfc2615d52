import JSON
import KubernetesModel

/// What `kubectl get pods` says of a pod: a word for its state and the numbers of containers and restarts, by the rules of
/// upstream's pod printer.
struct PodSummary: Sendable, Hashable {
    /// The containers that the pod runs while it runs, sidecars included.
    var containers: Int
    /// How many of them are ready.
    var ready = 0
    /// The state in one word, such as `Running`, `Init:0/1`, `CrashLoopBackOff` or `Terminating`.
    var status: String
    /// How often containers were started again.
    var restarts: Int64 = 0
    /// When a container ended last before it was started again.
    var lastRestart: Timestamp?

    init(_ pod: KubernetesObject) {
        let sidecars = Set(
            (pod.spec["initContainers"]?.arrayValue ?? [])
                .filter { $0["restartPolicy"]?.stringValue == "Always" }
                .compactMap { $0["name"]?.stringValue }
        )
        containers = (pod.spec["containers"]?.arrayValue?.count ?? 0) + sidecars.count
        let phase = pod.status["phase"]?.stringValue ?? ""
        status = pod.status["reason"]?.stringValue ?? phase
        if status.isEmpty { status = phase }
        if pod.condition("PodScheduled")?["reason"]?.stringValue == "SchedulingGated" {
            status = "SchedulingGated"
        }
        if !readInitContainers(pod, sidecars)
            || pod.condition("Initialized")?["status"]?.stringValue == "True"
        {
            // Restarts of init containers that have done their work are of no interest any more.
            restarts = 0
            lastRestart = nil
            for container in Self.statuses(pod, "initContainerStatuses")
            where sidecars.contains(container["name"]?.stringValue ?? "") {
                countRestarts(of: container)
            }
            readContainers(pod)
        }
        if pod.isBeingDeleted {
            if pod.status["reason"]?.stringValue == "NodeLost" {
                status = "Unknown"
            } else if phase != "Succeeded", phase != "Failed" {
                status = "Terminating"
            }
        }
    }

    private static func statuses(_ pod: KubernetesObject, _ key: String) -> [JSONValue] {
        pod.status[key]?.arrayValue ?? []
    }

    /// Returns whether an init container keeps the pod waiting, or failed.
    private mutating func readInitContainers(_ pod: KubernetesObject, _ sidecars: Set<String>) -> Bool {
        for (index, container) in Self.statuses(pod, "initContainerStatuses").enumerated() {
            countRestarts(of: container)
            let terminated = container["state"]?["terminated"]
            if let terminated, Self.exitCode(terminated) == 0 { continue }
            if sidecars.contains(container["name"]?.stringValue ?? ""),
                container["started"]?.boolValue == true
            {
                if container["ready"]?.boolValue == true { ready += 1 }
                continue
            }
            if let terminated {
                status = "Init:" + Self.reason(terminated)
            } else if let reason = container["state"]?["waiting"]?["reason"]?.stringValue, !reason.isEmpty,
                reason != "PodInitializing"
            {
                status = "Init:" + reason
            } else {
                status = "Init:\(index)/\(pod.spec["initContainers"]?.arrayValue?.count ?? 0)"
            }
            return true
        }
        return false
    }

    private mutating func readContainers(_ pod: KubernetesObject) {
        var isRunning = false
        for container in Self.statuses(pod, "containerStatuses").reversed() {
            countRestarts(of: container)
            if let reason = container["state"]?["waiting"]?["reason"]?.stringValue, !reason.isEmpty {
                status = reason
            } else if let terminated = container["state"]?["terminated"] {
                status = Self.reason(terminated)
            } else if container["ready"]?.boolValue == true, container["state"]?["running"] != nil {
                isRunning = true
                ready += 1
            }
        }
        if status == "Completed", isRunning {
            status = pod.condition("Ready")?["status"]?.stringValue == "True" ? "Running" : "NotReady"
        }
    }

    private mutating func countRestarts(of container: JSONValue) {
        restarts += container["restartCount"]?.integerValue ?? 0
        guard let text = container["lastState"]?["terminated"]?["finishedAt"]?.stringValue,
            let finished = Timestamp(rfc3339: text)
        else { return }
        lastRestart = lastRestart.map { max($0, finished) } ?? finished
    }

    private static func exitCode(_ terminated: JSONValue) -> Int64 {
        terminated["exitCode"]?.integerValue ?? 0
    }

    private static func reason(_ terminated: JSONValue) -> String {
        if let reason = terminated["reason"]?.stringValue, !reason.isEmpty { return reason }
        if let signal = terminated["signal"]?.integerValue, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(exitCode(terminated))"
    }
}
