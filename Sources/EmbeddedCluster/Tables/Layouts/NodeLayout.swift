import JSON
import KubernetesModel

/// Nodes as rows.
enum NodeLayout {
    static let layout = TableLayout([
        .objectName,
        TableColumn("Status", "Whether the node is ready, and whether pods may be bound to it."),
        TableColumn("Roles", "The roles that its labels give it."),
        .age,
        TableColumn("Version", "The version of its kubelet."),
        .wide("Internal-IP", "Its address inside the cluster."),
        .wide("External-IP", "Its address outside the cluster."),
        .wide("OS-Image", "Its operating system."),
        .wide("Kernel-Version", "The version of its kernel."),
        .wide("Container-Runtime", "What runs its containers."),
    ]) { node, now in
        let information = node.status["nodeInfo"]
        return [
            node.nameCell, .string(status(node)), .string(roles(node)), node.ageCell(now),
            .cell(information?["kubeletVersion"], or: ""), address(node, "InternalIP"),
            address(node, "ExternalIP"), .cell(information?["osImage"], or: "<unknown>"),
            .cell(information?["kernelVersion"], or: "<unknown>"),
            .cell(information?["containerRuntimeVersion"], or: "<unknown>"),
        ]
    }

    private static func status(_ node: KubernetesObject) -> String {
        var status = "Unknown"
        if let ready = node.condition("Ready") {
            status = ready["status"]?.stringValue == "True" ? "Ready" : "NotReady"
        }
        return node.spec["unschedulable"]?.boolValue == true ? status + ",SchedulingDisabled" : status
    }

    private static func roles(_ node: KubernetesObject) -> String {
        let prefix = "node-role.kubernetes.io/"
        var roles: Set<String> = []
        for (key, value) in node.labels {
            if key.hasPrefix(prefix), key.utf8.count > prefix.utf8.count {
                roles.insert(String(key.dropFirst(prefix.count)))
            } else if key == "kubernetes.io/role", !value.isEmpty {
                roles.insert(value)
            }
        }
        return roles.isEmpty ? "<none>" : roles.sorted().joined(separator: ",")
    }

    private static func address(_ node: KubernetesObject, _ type: String) -> JSONValue {
        let addresses = node.status["addresses"]?.arrayValue ?? []
        return .cell(addresses.first { $0["type"]?.stringValue == type }?["address"])
    }
}
