import JSON

/// What a server tells of deployments, for people.
enum DeploymentText {
    /// How one stands, in a line.
    static func progress(_ deployment: JSONValue) -> String {
        let replicas = deployment["replicas"]
        let counts = "\(number(replicas?["ready"])) of \(number(replicas?["desired"])) ready"
        let message = text(deployment["message"])
        return "\(text(deployment["phase"])), \(counts)" + (message.isEmpty ? "" : ": \(message)")
    }

    /// A row for each.
    static func list(_ deployments: [JSONValue], at now: Timestamp) -> [String] {
        var table = TextTable(
            header: ["NAME", "NAMESPACE", "MODEL", "PROVIDER", "ENGINE", "PHASE", "READY", "AGE", "MANAGED"]
        )
        table.rows = deployments.map { deployment in
            let replicas = deployment["replicas"]
            return [
                text(deployment["name"]), text(deployment["namespace"]), orDash(deployment["modelId"]),
                text(deployment["provider"]), text(deployment["engine"]), text(deployment["phase"]),
                "\(number(replicas?["ready"]))/\(number(replicas?["desired"]))",
                age(deployment["createdAt"], at: now) ?? "-",
                deployment["managed"]?.boolValue == true ? "yes" : "no",
            ]
        }
        return table.lines
    }

    /// One with its pods.
    static func detail(_ deployment: JSONValue, at now: Timestamp) -> [String] {
        var table = TextTable(header: ["", ""])
        let replicas = deployment["replicas"]
        table.rows = [
            ["Name", text(deployment["name"])], ["Namespace", text(deployment["namespace"])],
            ["Phase", text(deployment["phase"])],
        ]
        let message = text(deployment["message"])
        if !message.isEmpty { table.rows.append(["Message", message]) }
        table.rows += [
            ["Model", orDash(deployment["modelId"])], ["Served as", orDash(deployment["servedModelName"])],
            [
                "Provider",
                "\(text(deployment["provider"])), engine \(text(deployment["engine"])), \(text(deployment["mode"]))",
            ],
            [
                "Workers",
                "\(number(replicas?["ready"])) of \(number(replicas?["desired"])) ready, \(number(replicas?["available"])) available",
            ],
        ]
        for (title, key) in [("Prefill workers", "prefillReplicas"), ("Decode workers", "decodeReplicas")] {
            guard let group = deployment[key] else { continue }
            table.rows.append([title, "\(number(group["ready"])) of \(number(group["desired"])) ready"])
        }
        table.rows.append(["Service", orDash(deployment["frontendService"])])
        if let age = age(deployment["createdAt"], at: now) { table.rows.append(["Age", age]) }
        if deployment["managed"]?.boolValue != true {
            table.rows.append(["Managed", "no: another tool has made it, and Ingot changes nothing of it"])
        }
        return table.lines + pods(deployment["pods"]?.arrayValue ?? [])
    }

    private static func pods(_ pods: [JSONValue]) -> [String] {
        guard !pods.isEmpty else { return ["", "No pods."] }
        var table = TextTable(
            header: ["POD", "PHASE", "READY", "RESTARTS", "NODE", "REASON"],
            numbers: [3]
        )
        table.rows = pods.map { pod in
            [
                text(pod["name"]), text(pod["phase"]), pod["ready"]?.boolValue == true ? "yes" : "no",
                number(pod["restarts"]), orDash(pod["node"]), orDash(pod["reason"]),
            ]
        }
        let messages = pods.compactMap { pod -> String? in
            let message = text(pod["message"])
            return message.isEmpty ? nil : "  \(text(pod["name"])): \(message)"
        }
        return [""] + table.lines + (messages.isEmpty ? [] : [""] + messages)
    }

    /// Why one is not running.
    static func diagnosis(_ diagnosis: JSONValue) -> [String] {
        let code = text(diagnosis["code"])
        guard !code.isEmpty else { return [] }
        var lines = ["", "Why it is not running: \(code): \(text(diagnosis["summary"]))"]
        let evidence = (diagnosis["evidence"]?.arrayValue ?? []).map { entry in
            let source = text(entry["source"])
            return (source.isEmpty ? "" : "\(source): ") + text(entry["text"] ?? entry)
        }
        lines += evidence.map { "  \($0)" }
        let steps = (diagnosis["nextSteps"]?.arrayValue ?? []).map(text)
        if !steps.isEmpty { lines += ["What helps:"] + steps.map { "  \($0)" } }
        return lines
    }

    // MARK: Parts

    private static func text(_ value: JSONValue?) -> String { (value?.stringValue ?? "").printable }

    private static func orDash(_ value: JSONValue?) -> String {
        let text = text(value)
        return text.isEmpty ? "-" : text
    }

    private static func number(_ value: JSONValue?) -> String { value?.integerValue.map(String.init) ?? "?" }

    /// How long ago that was, in one unit: `45s`, `12m`, `3h`, `5d`; nil when it is not known.
    static func age(_ time: JSONValue?, at now: Timestamp) -> String? {
        guard let time = time?.stringValue.flatMap(Timestamp.init(rfc3339:)) else { return nil }
        let seconds = max(0, Int64(now.seconds(since: time)))
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }
}
