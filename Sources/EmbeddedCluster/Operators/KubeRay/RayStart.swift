import JSON
import KubernetesModel

/// The `ray start` command of a pod (generateRayStartCommand and setMissingRayStartParams in common/pod.go).
struct RayStart: Sendable {
    private(set) var parameters: [String: String]

    /// - Parameter head: Host and port of the head, for workers.
    init(_ role: RayPod.Role, _ given: [String: String], head: String) {
        var parameters = given
        func fallBack(_ name: String, _ value: String) {
            if parameters[name] == nil { parameters[name] = value }
        }
        switch role {
        case .head: fallBack("dashboard-host", "0.0.0.0")
        case .worker: fallBack("address", head)
        }
        fallBack("metrics-export-port", "8080")
        fallBack("dashboard-agent-listen-port", "52365")
        parameters["block"] = "true"
        self.parameters = parameters
    }

    /// Options that take `true` and `false` as values; others are switches.
    private static let valued = ["log-color", "include-dashboard"]

    /// The command, with what the container has of processors, memory and GPUs where the parameters do not say it.
    func command(of role: RayPod.Role, resources: JSONValue) -> String {
        var parameters = parameters
        func amount(_ side: String, _ name: String) -> Int64? {
            guard let text = Self.text(resources[side]?[name]), let units = Quantity(text)?.units, units > 0
            else { return nil }
            return units
        }
        if parameters["num-cpus"] == nil, let count = amount("limits", "cpu") ?? amount("requests", "cpu") {
            parameters["num-cpus"] = String(count)
        }
        if parameters["memory"] == nil, let bytes = amount("limits", "memory") {
            parameters["memory"] = String(bytes)
        }
        if parameters["num-gpus"] == nil {
            let names = (resources["limits"]?.objectValue ?? JSONMembers()).map(\.key).filter(Self.isGPU)
            if let name = names.min(), let count = amount("limits", name) {
                parameters["num-gpus"] = String(count)
            }
        }
        var flags = ""
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            let isSwitch = ["true", "false"].contains(value.lowercased()) && !Self.valued.contains(name)
            if !isSwitch {
                flags += " --\(name)=\(value) "
            } else if value.lowercased() == "true" {
                flags += " --\(name) "
            }
        }
        return role == .head ? "ray start --head \(flags)" : "ray start \(flags)"
    }

    /// Whether an extended resource counts GPUs (IsGPUResourceKey).
    static func isGPU(_ resource: String) -> Bool {
        resource.hasSuffix("gpu") || resource.hasPrefix("nvidia.com/mig-")
    }

    /// A quantity, which may be given as a number.
    static func text(_ quantity: JSONValue?) -> String? {
        quantity?.stringValue ?? quantity?.integerValue.map { String($0) }
    }
}
