import Capacity
import JSON
import KubernetesModel

@testable import Runtimes

/// A failure as a cluster showed it: the deployment, its object's status, its pods, events and logs, and the code that explains it.
struct RecordedFailure: CustomStringConvertible {
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    let json: JSONValue

    var description: String { name }

    private static let folder = SourceFolder("Failures")

    static let all: [RecordedFailure] = ((try? folder.names(endingIn: ".json")) ?? []).map { name in
        let json = folder.bytes(of: name).flatMap { try? JSONValue(parsing: $0) }
        return RecordedFailure(name: String(name.dropLast(5)), json: json ?? .null)
    }

    var code: String { json["code"]?.stringValue ?? "" }

    // MARK: Facts

    func facts() throws -> DiagnosisFacts {
        let reading = try reading()
        var facts = DiagnosisFacts(reading, pods, now: time("now") ?? Timestamp(secondsSinceEpoch: 0))
        facts.events = list("events").map { ClusterEvent(KubernetesObject($0)) }
        facts.logs = list("logs").map { log in
            ContainerLog(
                pod: log["pod"]?.stringValue ?? "",
                container: log["container"]?.stringValue ?? "",
                isPrevious: log["previous"]?.boolValue ?? false,
                lines: (log["lines"]?.arrayValue ?? []).compactMap(\.stringValue)
            )
        }
        facts.deletionRequested = time("deletionRequested")
        facts.finalizers = list("finalizers").compactMap(\.stringValue)
        facts.isModelGated = json["gated"]?.boolValue
        facts.fit = json["fit"]?.stringValue.flatMap(FitReport.Verdict.init).map {
            ModelFit($0, gpus: "1 × NVIDIA-A10")
        }
        facts.runtime = json["runtime"].map { runtime in
            RuntimePresence(
                isDefined: runtime["defined"]?.boolValue ?? true,
                isOperatorRunning: runtime["operatorRunning"]?.boolValue,
                message: runtime["message"]?.stringValue ?? ""
            )
        }
        facts.gpus = json["capacity"].map { gpus in
            var free: [String: Int] = [:]
            for member in gpus["free"]?.objectValue ?? JSONMembers() {
                free[member.key] = Int(member.value.integerValue ?? 0)
            }
            return GPUAvailability(
                total: Int(gpus["total"]?.integerValue ?? 0),
                free: free,
                largestFreeBlock: Int(gpus["largestFreeBlock"]?.integerValue ?? 0),
                largestNode: Int(gpus["largestNode"]?.integerValue ?? 0)
            )
        }
        facts.quotas = list("quotas").map { quota in
            QuotaUse(
                quota: quota["quota"]?.stringValue ?? "",
                resource: quota["resource"]?.stringValue ?? "",
                used: quota["used"]?.stringValue ?? "",
                hard: quota["hard"]?.stringValue ?? ""
            )
        }
        facts.secrets = json["secrets"]?.objectValue.map { secrets in
            var found: [String: Set<String>] = [:]
            for secret in secrets {
                found[secret.key] = Set((secret.value.arrayValue ?? []).compactMap(\.stringValue))
            }
            return found
        }
        return facts
    }

    private func list(_ key: String) -> [JSONValue] { json[key]?.arrayValue ?? [] }

    private func time(_ key: String) -> Timestamp? {
        json[key]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
    }

    /// What the object says that Ingot would have made, with the recorded status.
    private func reading() throws -> DeploymentReading {
        let request = try DeploymentRequest(json: json["deployment"] ?? .null)
        guard let id = request.runtime, let engine = request.engine, let runtime = Runtimes.runtime(id) else {
            throw Unreadable(description: "\(name) names no runtime and engine")
        }
        let spec = request.spec(on: id, engine: engine, namespace: "default")
        guard let manifest = try runtime.render(spec).first else { throw Unreadable(description: name) }
        var object = KubernetesObject(manifest.object)
        object.generation = 1
        object.status = json["status"] ?? .null
        if let deletion = json["deletionRequested"] {
            object.json[at: "metadata", "deletionTimestamp"] = deletion
        }
        guard let reading = runtime.read(object) else { throw Unreadable(description: name) }
        return reading
    }

    private var pods: [ServingPod] {
        list("pods").map { ServingPod(recorded: KubernetesObject($0)) }
            + list("readyPods").compactMap(\.stringValue).map { name in
                var pod = ServingPod(name: name, phase: "Running")
                pod.isReady = true
                pod.node = "gpu-node-1"
                return pod
            }
    }
}

extension ServingPod {
    /// Reads a recorded pod (core/v1 Pod).
    init(recorded object: KubernetesObject) {
        let status = object.status
        self.init(name: object.name, phase: status["phase"]?.stringValue ?? "Pending")
        isReady = object.condition("Ready")?["status"]?.stringValue == "True"
        isBeingDeleted = object.isBeingDeleted
        node = object.spec["nodeName"]?.stringValue ?? ""
        reason = status["reason"]?.stringValue ?? ""
        message = status["message"]?.stringValue ?? ""
        if reason.isEmpty, let condition = object.condition("PodScheduled"), condition["status"] != "True" {
            reason = condition["reason"]?.stringValue ?? ""
            message = condition["message"]?.stringValue ?? ""
        }
        containers =
            Self.containers(status["initContainerStatuses"], areInitial: true)
            + Self.containers(status["containerStatuses"], areInitial: false)
        restarts = containers.reduce(0) { $0 + $1.restarts }
    }

    private static func containers(_ statuses: JSONValue?, areInitial: Bool) -> [Container] {
        (statuses?.arrayValue ?? []).map { status in
            var container = Container(name: status["name"]?.stringValue ?? "")
            container.isInitial = areInitial
            container.isReady = status["ready"]?.boolValue ?? false
            container.restarts = Int(status["restartCount"]?.integerValue ?? 0)
            let state = status["state"]
            container.isRunning = state?["running"] != nil
            container.waitingReason = state?["waiting"]?["reason"]?.stringValue ?? ""
            let ended = state?["terminated"]
            container.terminatedReason = ended?["reason"]?.stringValue ?? ""
            container.exitCode = ended?["exitCode"]?.integerValue.map { Int($0) }
            let before = status["lastState"]?["terminated"]
            container.lastTerminatedReason = before?["reason"]?.stringValue ?? ""
            container.lastExitCode = before?["exitCode"]?.integerValue.map { Int($0) }
            container.message = (state?["waiting"] ?? ended)?["message"]?.stringValue ?? ""
            return container
        }
    }
}
