import JSON
import KubernetesModel

/// Quotas, priorities, disruption budgets and role bindings as rows.
enum PolicyLayouts {
    static let quotas = TableLayout([
        .objectName,
        TableColumn("Request", "What is used, and may be, of everything but limits."),
        TableColumn("Limit", "What is used, and may be, of limits."),
        .age,
    ]) { quota, now in
        var (requests, limits): ([String], [String]) = ([], [])
        let hard = quota.status["hard"] ?? quota.spec["hard"]
        for member in (hard?.objectValue ?? JSONMembers()).sorted(by: { $0.key < $1.key }) {
            let used = text(quota.status["used"]?[member.key] ?? "0")
            let entry = "\(member.key): \(used)/\(text(member.value))"
            if member.key.hasPrefix("limits.") { limits.append(entry) } else { requests.append(entry) }
        }
        return [
            quota.nameCell, .string(requests.joined(separator: ", ")),
            .string(limits.joined(separator: ", ")), quota.ageCell(now),
        ]
    }

    static let disruptionBudgets = TableLayout([
        .objectName,
        TableColumn("Min Available", "How many pods must stay available."),
        TableColumn("Max Unavailable", "How many pods may be unavailable."),
        TableColumn("Allowed Disruptions", "How many pods may be evicted now.", type: "integer"),
        .age,
    ]) { budget, now in
        [
            budget.nameCell, .string(budget.spec["minAvailable"].map(text) ?? "N/A"),
            .string(budget.spec["maxUnavailable"].map(text) ?? "N/A"),
            .count(budget.status["disruptionsAllowed"]), budget.ageCell(now),
        ]
    }

    static let priorityClasses = TableLayout([
        .objectName,
        TableColumn("Value", "The priority; higher goes first.", type: "integer"),
        TableColumn("Global-Default", "Whether pods without a class get it.", type: "boolean"),
        .age,
        TableColumn("PreemptionPolicy", "Whether others are evicted for its pods."),
    ]) { object, now in
        [
            object.nameCell, .count(object.json["value"]),
            .bool(object.json["globalDefault"]?.boolValue ?? false), object.ageCell(now),
            .cell(object.json["preemptionPolicy"], or: "PreemptLowerPriority"),
        ]
    }

    static let bindings = TableLayout([
        .objectName,
        TableColumn("Role", "The role that is given."),
        .age,
        .wide("Users", "The users that it is given to."),
        .wide("Groups", "The groups that it is given to."),
        .wide("ServiceAccounts", "The service accounts that it is given to."),
    ]) { binding, now in
        let role = binding.json["roleRef"]
        let subjects = binding.json["subjects"]?.arrayValue ?? []
        func names(_ kind: String) -> JSONValue {
            let names = subjects.filter { $0["kind"]?.stringValue == kind }.map { subject in
                let name = subject["name"]?.stringValue ?? ""
                return kind == "ServiceAccount" ? "\(subject["namespace"]?.stringValue ?? "")/\(name)" : name
            }
            return .string(names.joined(separator: ", "))
        }
        return [
            binding.nameCell,
            .string("\(role?["kind"]?.stringValue ?? "")/\(role?["name"]?.stringValue ?? "")"),
            binding.ageCell(now), names("User"), names("Group"), names("ServiceAccount"),
        ]
    }

    /// A quantity or a percentage, which may be written as a number.
    private static func text(_ value: JSONValue) -> String { value.stringValue ?? value.description }
}
