import JSON
import KubernetesModel

/// The variables by which containers find services (upstream: pkg/kubelet/envvars).
enum ServiceEnvironment {
    /// Those of the API server always; those of the services of the pod's namespace unless it does without.
    static func variables(of pod: KubernetesObject, in state: ClusterState) -> [String: String] {
        var variables: [String: String] = [:]
        if let service = state.object(.services, "default", "kubernetes") { add(service, to: &variables) }
        if pod.spec["enableServiceLinks"]?.boolValue != false {
            for service in state.objects(.services, in: pod.namespace) { add(service, to: &variables) }
        }
        return variables
    }

    private static func add(_ service: KubernetesObject, to variables: inout [String: String]) {
        let address = service.spec["clusterIP"]?.stringValue ?? ""
        guard !address.isEmpty, address != "None", let ports = service.spec["ports"]?.arrayValue,
            let first = ports.first?["port"]?.integerValue
        else { return }
        let name = String(service.name.uppercased().map { $0 == "-" ? "_" : $0 })
        variables["\(name)_SERVICE_HOST"] = address
        variables["\(name)_SERVICE_PORT"] = String(first)
        for (index, port) in ports.enumerated() {
            guard let number = port["port"]?.integerValue else { continue }
            if let portName = port["name"]?.stringValue, !portName.isEmpty {
                let suffix = String(portName.uppercased().map { $0 == "-" ? "_" : $0 })
                variables["\(name)_SERVICE_PORT_\(suffix)"] = String(number)
            }
            let transport = port["protocol"]?.stringValue ?? "TCP"
            let url = "\(transport.lowercased())://\(address):\(number)"
            if index == 0 { variables["\(name)_PORT"] = url }
            let prefix = "\(name)_PORT_\(number)_\(transport)"
            variables[prefix] = url
            variables["\(prefix)_PROTO"] = transport.lowercased()
            variables["\(prefix)_PORT"] = String(number)
            variables["\(prefix)_ADDR"] = address
        }
    }
}
