import JSON
import KubernetesModel

/// Pods as rows.
enum PodLayout {
    static let layout: TableLayout = {
        var layout = TableLayout(columns) { pod, now in
            let summary = PodSummary(pod)
            return [
                pod.nameCell,
                .string("\(summary.ready)/\(summary.containers)"),
                .string(summary.status),
                .string(restarts(summary, now)),
                pod.ageCell(now),
                .cell(pod.status["podIP"] ?? pod.status["podIPs"]?[0]?["ip"]),
                .cell(pod.spec["nodeName"]),
                .cell(pod.status["nominatedNodeName"]),
                .string(readinessGates(pod)),
            ]
        }
        layout.conditions = conditions
        return layout
    }()

    private static let columns: [TableColumn] = [
        .objectName,
        TableColumn("Ready", "How many of the containers are ready."),
        TableColumn("Status", "What the pod is doing, in one word."),
        TableColumn("Restarts", "How often containers were started again, and when last."),
        .age,
        .wide("IP", "The address of the pod."),
        .wide("Node", "The node that the pod is bound to."),
        .wide("Nominated Node", "The node on which room is being made for the pod."),
        .wide("Readiness Gates", "How many of the additional conditions for readiness are met."),
    ]

    private static func restarts(_ summary: PodSummary, _ now: Timestamp) -> String {
        guard summary.restarts > 0, let last = summary.lastRestart else { return "\(summary.restarts)" }
        return "\(summary.restarts) (\(HumanDuration.text(from: last, to: now)) ago)"
    }

    private static func readinessGates(_ pod: KubernetesObject) -> String {
        let gates = pod.spec["readinessGates"]?.arrayValue ?? []
        guard !gates.isEmpty else { return "<none>" }
        let met = gates.filter { gate in
            gate["conditionType"]?.stringValue.flatMap(pod.condition)?["status"]?.stringValue == "True"
        }
        return "\(met.count)/\(gates.count)"
    }

    private static func conditions(_ pod: KubernetesObject) -> [JSONValue] {
        switch pod.status["phase"]?.stringValue {
        case "Succeeded": [completed("Succeeded", "The pod has completed successfully.")]
        case "Failed": [completed("Failed", "The pod failed.")]
        default: []
        }
    }

    private static func completed(_ reason: String, _ message: String) -> JSONValue {
        ["type": "Completed", "status": "True", "reason": .string(reason), "message": .string(message)]
    }
}
