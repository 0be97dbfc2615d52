import JSON
import KubernetesModel

/// What is said of a Ray cluster (calculateStatus in controllers/ray/raycluster_controller.go).
struct RayClusterStatus: Sendable {
    /// The cluster's pods.
    let pods: [KubernetesObject]
    let headService: KubernetesObject?
    let failure: RayClusterRound.Failure?
    let now: Timestamp

    private var head: KubernetesObject? {
        pods.first { $0.label(KubeRayOperator.Label.nodeType) == "head" }
    }

    private var workers: [KubernetesObject] {
        pods.filter { $0.label(KubeRayOperator.Label.nodeType) == "worker" }
    }

    /// Whether there are pods and all are running and ready.
    private var areAllRunning: Bool {
        !pods.isEmpty && pods.allSatisfy { PodState.phase($0) == "Running" && PodState.isReady($0) }
    }

    func write(to cluster: inout KubernetesObject) {
        let totals = RayClusterTotals(cluster.spec)
        let oldState = cluster.status["state"]?.stringValue
        var status: JSONValue = cluster.status.isNull ? [:] : cluster.status
        status["observedGeneration"] = .integer(cluster.generation)
        let running = workers.filter { PodState.phase($0) == "Running" }
        for (key, count) in [
            ("readyWorkerReplicas", Int64(running.count(where: PodState.isReady))),
            ("availableWorkerReplicas", Int64(running.count)), ("desiredWorkerReplicas", totals.desired),
            ("minWorkerReplicas", totals.least), ("maxWorkerReplicas", totals.most),
        ] {
            // Upstream leaves out what is zero.
            status[key] = count == 0 ? nil : .integer(count)
        }
        for (key, text) in totals.resources { status[key] = .string(text) }
        if failure == nil, pods.count == totals.desired + 1, areAllRunning {
            status["state"] = "ready"
            status["reason"] = nil
        }
        let isSuspended = cluster.spec["suspend"]?.boolValue == true
        if isSuspended, pods.isEmpty { status["state"] = "suspended" }
        status["endpoints"] = endpoints
        status["head"] = headInfo
        status["lastUpdateTime"] = .string(now.kubernetesTime)
        if let state = status["state"]?.stringValue, state != oldState {
            status[at: "stateTransitionTimes", state] = .string(now.kubernetesTime)
        }
        var conditions = Conditions(cluster)
        set(&conditions, isToSuspend: isSuspended)
        status["conditions"] = conditions.json
        cluster.status = status
    }

    private var endpoints: JSONValue? {
        guard let headService else { return nil }
        var endpoints: JSONValue = [:]
        for port in headService.spec["ports"]?.arrayValue ?? [] {
            guard let name = port["name"]?.stringValue,
                let number = RayStart.text(port["nodePort"]) ?? RayStart.text(port["targetPort"])
            else { continue }
            endpoints[name] = .string(number)
        }
        return endpoints
    }

    private var headInfo: JSONValue {
        var info: JSONValue = [:]
        info["podIP"] = head?.status["podIP"]
        info["podName"] = head.map { .string($0.name) }
        let address = headService?.spec["clusterIP"]?.stringValue
        // A headless service stands for the head pod.
        info["serviceIP"] = address == "None" ? head?.status["podIP"] : address.map(JSONValue.string)
        info["serviceName"] = headService.map { .string($0.name) }
        return info
    }

    // MARK: Conditions

    private func set(_ conditions: inout Conditions, isToSuspend: Bool) {
        if let failure {
            conditions.set("ReplicaFailure", "True", failure.reason, failure.status.message, now: now)
        } else {
            conditions.remove("ReplicaFailure")
        }
        setHead(&conditions)
        let wasSuspended = conditions.isTrue("RayClusterSuspended")
        if !conditions.isTrue("RayClusterProvisioned"), !wasSuspended {
            if areAllRunning {
                conditions.set(
                    "RayClusterProvisioned",
                    "True",
                    "AllPodRunningAndReadyFirstTime",
                    "All Ray Pods are ready for the first time",
                    now: now
                )
            } else {
                conditions.set(
                    "RayClusterProvisioned",
                    "False",
                    "RayClusterPodsProvisioning",
                    "RayCluster Pods are being provisioned for first time",
                    now: now
                )
            }
        }
        func mark(_ type: String, _ isTrue: Bool) {
            conditions.set(type, isTrue ? "True" : "False", type, "", now: now)
        }
        if conditions.isTrue("RayClusterSuspending") {
            guard pods.isEmpty else { return }
            conditions.set(
                "RayClusterProvisioned",
                "False",
                "RayClusterPodsProvisioning",
                "RayCluster has been suspended",
                now: now
            )
            mark("RayClusterSuspending", false)
            mark("RayClusterSuspended", true)
        } else if wasSuspended {
            if !isToSuspend { mark("RayClusterSuspended", false) }
        } else {
            mark("RayClusterSuspended", false)
            mark("RayClusterSuspending", isToSuspend)
        }
    }

    /// As the head's own readiness; while it is not ready, the reason is that of its first container that waits or has ended.
    private func setHead(_ conditions: inout Conditions) {
        guard let head else {
            conditions.set("HeadPodReady", "False", "HeadPodNotFound", "Head Pod not found", now: now)
            return
        }
        let ready = head.condition("Ready")
        let status = ready?["status"]?.stringValue ?? "False"
        var reason = ready?["reason"]?.stringValue ?? ""
        var message = ready?["message"]?.stringValue ?? ""
        if reason == "ContainersNotReady", let (cause, text) = Self.firstTrouble(of: head) {
            reason = cause
            message += (message.isEmpty ? "" : "; ") + text
        }
        if reason.isEmpty { reason = status == "True" ? "HeadPodRunningAndReady" : "Unknown" }
        conditions.set("HeadPodReady", status, reason, message, now: now)
    }

    private static func firstTrouble(of pod: KubernetesObject) -> (reason: String, message: String)? {
        for container in pod.status["containerStatuses"]?.arrayValue ?? [] {
            for state in ["waiting", "terminated"] {
                guard let detail = container["state"]?[state] else { continue }
                let name = container["name"]?.stringValue ?? ""
                return (
                    detail["reason"]?.stringValue ?? "",
                    "\(name): \(detail["message"]?.stringValue ?? "")"
                )
            }
        }
        return nil
    }
}
