import JSON
import KubernetesModel

/// The conditions of a node, in the words of the kubelet and of the node controller.
enum NodeConditions {
    /// How a node is.
    enum Health: Sendable, Hashable {
        /// All is well.
        case ready
        /// The kubelet says that it cannot run pods.
        case notReady
        /// Nothing is heard of the kubelet.
        case unreachable
    }

    static func conditions(_ health: Health) -> [Condition] {
        if health == .unreachable {
            return ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map {
                Condition(
                    $0,
                    .unknown,
                    reason: "NodeStatusUnknown",
                    message: "Kubelet stopped posting node status."
                )
            }
        }
        return [
            Condition(
                "MemoryPressure",
                false,
                reason: "KubeletHasSufficientMemory",
                message: "kubelet has sufficient memory available"
            ),
            Condition(
                "DiskPressure",
                false,
                reason: "KubeletHasNoDiskPressure",
                message: "kubelet has no disk pressure"
            ),
            Condition(
                "PIDPressure",
                false,
                reason: "KubeletHasSufficientPID",
                message: "kubelet has sufficient PID available"
            ),
            health == .ready
                ? Condition(
                    "Ready",
                    true,
                    reason: "KubeletReady",
                    message: "kubelet is posting ready status"
                )
                : Condition("Ready", false, reason: "KubeletNotReady", message: "container runtime is down"),
        ]
    }

    /// Sets the conditions in a node's status.
    static func set(_ health: Health, on node: inout KubernetesObject, now: Timestamp) {
        let present = node.status["conditions"]?.arrayValue ?? []
        let conditions = conditions(health)
        let own = Set(conditions.map(\.type))
        node.json[at: "status", "conditions"] = .array(
            present.filter { !own.contains($0["type"]?.stringValue ?? "") }
                + conditions.map { condition in
                    let before = present.first { $0["type"]?.stringValue == condition.type }
                    var json = condition.json(replacing: before, now: now, heartbeat: "lastHeartbeatTime")
                    if health == .unreachable, let heartbeat = before?["lastHeartbeatTime"] {
                        json["lastHeartbeatTime"] = heartbeat
                    }
                    return json
                }
        )
    }

    /// Whether the node says that it is ready.
    static func isReady(_ node: KubernetesObject) -> Bool {
        node.condition("Ready")?["status"]?.stringValue == "True"
    }
}
