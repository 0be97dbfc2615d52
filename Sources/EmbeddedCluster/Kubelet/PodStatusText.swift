import JSON
import KubernetesModel

/// Makes a pod's status from what its kubelet knows, by the kubelet's rules (upstream: pkg/kubelet/kubelet_pods.go and
/// pkg/kubelet/status/generate.go).
struct PodStatusText {
    let pod: KubernetesObject
    let record: PodRecord
    let now: Timestamp

    private var policy: RestartPolicy { RestartPolicy(pod) }

    /// The phase.
    var phase: String {
        if record.failure != nil { return "Failed" }
        for container in record.containers where container.kind == .initial {
            if let termination = container.termination, termination.end.exitCode != 0, policy == .never,
                container.runningID == nil
            {
                return "Failed"
            }
        }
        if !record.isInitialized { return "Pending" }
        var (waiting, running, stopped, succeeded) = (0, 0, 0, 0)
        for container in record.main {
            switch container.state {
            case .running: running += 1
            case .terminated(let termination):
                stopped += 1
                if termination.end.exitCode == 0 { succeeded += 1 }
            case .waiting: if container.last == nil { waiting += 1 } else { stopped += 1 }
            }
        }
        if waiting > 0 { return "Pending" }
        if running > 0 { return "Running" }
        // The pod is not over before its sidecars are.
        if record.containers.contains(where: { $0.kind == .sidecar && $0.runningID != nil }) {
            return "Running"
        }
        switch policy {
        case .always: return "Running"
        case _ where stopped == succeeded: return "Succeeded"
        case .onFailure: return "Running"
        case .never: return "Failed"
        }
    }

    /// The whole status, on the basis of the present one, of which conditions that others set are kept.
    var json: JSONValue {
        var status = pod.status
        let phase = phase
        status["observedGeneration"] = .integer(pod.generation)
        status["phase"] = .string(phase)
        status["reason"] = record.failure.map { .string($0.reason) }
        status["message"] = record.failure.map { .string($0.message) }
        status["startTime"] = .string(record.startTime.kubernetesTime)
        if let addresses = record.addresses {
            status["hostIP"] = .string(addresses.host)
            status["hostIPs"] = [["ip": .string(addresses.host)]]
            status["podIP"] = .string(addresses.pod)
            status["podIPs"] = [["ip": .string(addresses.pod)]]
        }
        let specifications = PodRecord.specifications(of: pod)
        let statuses = zip(record.containers, specifications).map { ($0.kind, $0.status($1)) }
        let initial = statuses.filter { $0.0 != .main }.map(\.1)
        if !initial.isEmpty { status["initContainerStatuses"] = .array(initial) }
        status["containerStatuses"] = .array(statuses.filter { $0.0 == .main }.map(\.1))
        var object = pod
        object.status = status
        for condition in conditions(phase) { object.setCondition(condition, now: now) }
        return object.status
    }

    // MARK: Conditions

    private func conditions(_ phase: String) -> [Condition] {
        let hasNetwork = record.addresses != nil && phase != "Succeeded" && phase != "Failed"
        let containersReady = containersReady(phase)
        var conditions = [
            Condition("PodReadyToStartContainers", hasNetwork),
            initialized(phase),
            ready(containersReady),
            containersReady,
            Condition("PodScheduled", true),
        ]
        if let failure = record.failure, failure.reason == "Evicted" {
            conditions.append(
                Condition(
                    "DisruptionTarget",
                    true,
                    reason: "TerminationByKubelet",
                    message: failure.message
                )
            )
        }
        return conditions
    }

    private func initialized(_ phase: String) -> Condition {
        if phase == "Succeeded" { return Condition("Initialized", true, reason: "PodCompleted") }
        if record.isInitialized || !record.containers.contains(where: { $0.kind != .main }) {
            return Condition("Initialized", true)
        }
        let incomplete = record.containers.filter { container in
            switch container.kind {
            case .initial: !container.hasSucceeded
            case .sidecar: !container.isStarted
            case .main: false
            }
        }
        return Condition(
            "Initialized",
            false,
            reason: "ContainersNotInitialized",
            message: "containers with incomplete status: [\(Self.names(incomplete))]"
        )
    }

    private func containersReady(_ phase: String) -> Condition {
        switch phase {
        case "Succeeded": return Condition("ContainersReady", false, reason: "PodCompleted")
        case "Failed": return Condition("ContainersReady", false, reason: "PodFailed")
        default: break
        }
        let unready = record.containers.filter { $0.kind != .initial && !$0.isReady }
        if unready.isEmpty { return Condition("ContainersReady", true) }
        return Condition(
            "ContainersReady",
            false,
            reason: "ContainersNotReady",
            message: "containers with unready status: [\(Self.names(unready))]"
        )
    }

    private func ready(_ containersReady: Condition) -> Condition {
        guard containersReady.status == .yes else {
            var condition = containersReady
            condition.type = "Ready"
            return condition
        }
        var messages: [String] = []
        for gate in pod.spec["readinessGates"]?.arrayValue ?? [] {
            guard let type = gate["conditionType"]?.stringValue else { continue }
            switch pod.condition(type)?["status"]?.stringValue {
            case "True": break
            case nil:
                messages.append("corresponding condition of pod readiness gate \"\(type)\" does not exist.")
            case let status?:
                messages.append(
                    "the status of pod readiness gate \"\(type)\" is not \"True\", but \(status)"
                )
            }
        }
        if messages.isEmpty { return Condition("Ready", true) }
        return Condition(
            "Ready",
            false,
            reason: "ReadinessGatesNotReady",
            message: messages.joined(separator: ", ")
        )
    }

    private static func names(_ containers: [ContainerRecord]) -> String {
        containers.map(\.name).joined(separator: " ")
    }
}
