import ControlPlane
import HTTPServer
import JSON

/// The answer of `GET /api/deployments/{name}/logs`.
struct DeploymentLogBody: JSONObject {
    let log: DeploymentLog
    let hasTimestamps: Bool

    static let schemaName = "DeploymentLogs"
    static let fields: [JSONField<DeploymentLogBody>] = [
        .init(
            "logs",
            "The lines, by time; each begins with its pod when there are several",
            example: "INFO server is listening on 0.0.0.0:8000\n"
        ) { $0.text },
        .init(
            "podName",
            "The pod; several are separated by commas; empty when there is none",
            example: "qwen-deployment-7d4b9c5f6-x2x9z"
        ) { $0.pods },
        .init("container", "The container; absent when there is none, or not the same one in all pods") {
            $0.container
        },
        .init("message", "What of the logs could not be had and why; absent when there is nothing to say") {
            $0.message
        },
        .init("kept", "Whether the pods are gone and these are their last lines, kept for an hour") {
            $0.log.isKept
        },
    ]

    var text: String {
        let style = LogLineStyle(log.sources, hasTimestamps: hasTimestamps)
        var text = ""
        for entry in log.entries { text += style.text(of: entry.line, from: entry.source) + "\n" }
        return text
    }

    private var pods: String {
        var names: [String] = []
        for source in log.sources where !names.contains(source.pod) { names.append(source.pod) }
        return names.joined(separator: ",")
    }

    private var container: String? {
        let names = Set(log.sources.map(\.container))
        return names.count == 1 ? names.first : nil
    }

    private var message: String? {
        if log.sources.isEmpty, log.notes.isEmpty { return "No pods found for this deployment" }
        return log.notes.isEmpty ? nil : log.notes.joined(separator: "\n")
    }
}

/// What lines of logs begin with.
struct LogLineStyle {
    let hasPods: Bool
    let hasTimestamps: Bool

    init(hasPods: Bool, hasTimestamps: Bool) {
        self.hasPods = hasPods
        self.hasTimestamps = hasTimestamps
    }

    /// Lines of several pods begin with the pod.
    init(_ sources: [LogSource], hasTimestamps: Bool) {
        self.init(hasPods: sources.count > 1, hasTimestamps: hasTimestamps)
    }

    /// `[pod/container] time line`, as kubectl has it.
    func text(of line: LogLine, from source: LogSource) -> String {
        var text = hasPods ? Self.prefix(source) : ""
        if hasTimestamps, !line.stamp.isEmpty { text += line.stamp + " " }
        return text + line.text
    }

    /// The pod, and the container when it is not the only one.
    static func prefix(_ source: LogSource) -> String {
        source.hasSiblings ? "[\(source.pod)/\(source.container)] " : "[\(source.pod)] "
    }
}
