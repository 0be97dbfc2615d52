import JSON
import KubernetesModel

/// The list of conditions in a status.
struct Conditions {
    private(set) var entries: [JSONValue]

    /// The conditions of an object.
    init(_ object: KubernetesObject) {
        entries = object.status["conditions"]?.arrayValue ?? []
    }

    /// The list as JSON; nil when it is empty.
    var json: JSONValue? { entries.isEmpty ? nil : .array(entries) }

    /// The condition of that type.
    subscript(_ type: String) -> JSONValue? {
        entries.first { $0["type"]?.stringValue == type }
    }

    /// Whether there is a condition of that type and it is true.
    func isTrue(_ type: String) -> Bool { self[type]?["status"]?.stringValue == "True" }

    mutating func remove(_ type: String) {
        entries.removeAll { $0["type"]?.stringValue == type }
    }

    mutating func append(_ entry: JSONValue) { entries.append(entry) }

    /// Sets a condition at its place, or adds it. The time of its transition stays while its status does.
    mutating func set(_ type: String, _ status: String, _ reason: String, _ message: String, now: Timestamp) {
        let index = entries.firstIndex { $0["type"]?.stringValue == type }
        var entry = index.map { entries[$0] } ?? ["type": .string(type)]
        if entry["status"]?.stringValue != status {
            entry["status"] = .string(status)
            entry["lastTransitionTime"] = .string(now.kubernetesTime)
        }
        entry["reason"] = .string(reason)
        entry["message"] = .string(message)
        if let index { entries[index] = entry } else { entries.append(entry) }
    }

    /// Sets a condition with the generation that it is of (metav1.Condition), unless it says the same already.
    mutating func setIfDifferent(
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String,
        now: Timestamp,
        generation: Int64
    ) {
        if let present = self[type], present["status"]?.stringValue == status,
            present["reason"]?.stringValue == reason, present["message"]?.stringValue == message
        {
            return
        }
        set(type, status, reason, message, now: now)
        for index in entries.indices where entries[index]["type"]?.stringValue == type {
            entries[index]["observedGeneration"] = .integer(generation)
        }
    }
}

extension JSONValue {
    /// An integer member, or a value for its absence.
    func integer(_ key: String, default fallback: Int64 = 0) -> Int64 {
        self[key]?.integerValue ?? fallback
    }

    /// An integer, or a percentage of `total` as `maxSurge` and `maxUnavailable` are given (intstr.GetScaledValueFromIntOrPercent).
    func scaled(_ total: Int64, roundingUp: Bool) -> Int64? {
        if let value = integerValue { return value }
        guard let text = stringValue, text.hasSuffix("%"), let percent = Int64(text.dropLast()) else {
            return nil
        }
        let (product, overflow) = percent.multipliedReportingOverflow(by: total)
        guard !overflow else { return nil }
        return roundingUp ? (product + 99) / 100 : product / 100
    }
}
