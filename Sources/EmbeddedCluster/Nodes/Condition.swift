import JSON
import KubernetesModel

/// A condition in an object's status.
struct Condition: Sendable, Hashable {
    enum Status: String, Sendable {
        case yes = "True"
        case no = "False"
        case unknown = "Unknown"
    }

    var type: String
    var status: Status
    var reason: String
    var message: String

    init(_ type: String, _ status: Status, reason: String = "", message: String = "") {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }

    init(_ type: String, _ holds: Bool, reason: String = "", message: String = "") {
        self.init(type, holds ? .yes : .no, reason: reason, message: message)
    }

    /// The condition as JSON. The time of the last transition stays unless the status differs from the present condition's.
    func json(replacing present: JSONValue?, now: Timestamp, heartbeat: String?) -> JSONValue {
        var json: JSONValue = ["type": .string(type), "status": .string(status.rawValue)]
        if let heartbeat { json[heartbeat] = .string(now.kubernetesTime) }
        let isSame = present?["status"]?.stringValue == status.rawValue
        json["lastTransitionTime"] =
            (isSame ? present?["lastTransitionTime"] : nil) ?? .string(now.kubernetesTime)
        if !reason.isEmpty { json["reason"] = .string(reason) }
        if !message.isEmpty { json["message"] = .string(message) }
        return json
    }
}

extension KubernetesObject {
    /// Sets a condition of a pod. A condition that is the same as before is left as it is.
    mutating func setCondition(_ condition: Condition, now: Timestamp) {
        var conditions = status["conditions"]?.arrayValue ?? []
        let index = conditions.firstIndex { $0["type"]?.stringValue == condition.type }
        var json = condition.json(replacing: index.map { conditions[$0] }, now: now, heartbeat: nil)
        if condition.type == "PodScheduled" || index.map({ conditions[$0]["lastProbeTime"] != nil }) == true {
            json["lastProbeTime"] = .null
        }
        if let index { conditions[index] = json } else { conditions.append(json) }
        self.json[at: "status", "conditions"] = .array(conditions)
    }
}
