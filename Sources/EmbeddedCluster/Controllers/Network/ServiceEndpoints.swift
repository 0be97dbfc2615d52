import JSON
import KubernetesModel

/// The pods behind a service and the ports at which they take its requests.
struct ServiceEndpoints {
    let service: KubernetesObject
    /// The pods that the service selects and that have an address, in the order of their names.
    let pods: [KubernetesObject]

    /// Nil when the service selects nothing by itself.
    init?(_ service: KubernetesObject, _ api: ClusterAPI) {
        guard service.spec["type"] != "ExternalName",
            let labels = service.spec["selector"]?.objectValue, !labels.isEmpty
        else { return nil }
        self.service = service
        pods = api.list(.pods, in: service.namespace).filter { pod in
            labels.allSatisfy { pod.label($0.key) == $0.value.stringValue }
                && !PodState.isTerminated(pod) && Self.address(pod) != nil
        }
    }

    static func address(_ pod: KubernetesObject) -> String? {
        pod.status["podIP"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    var publishesNotReady: Bool { service.spec["publishNotReadyAddresses"]?.boolValue == true }

    /// The ports of the service at one pod: a named target is looked up among the pod's containers, and a port that the pod lacks
    /// is left out.
    func ports(of pod: KubernetesObject) -> [JSONValue] {
        (service.spec["ports"]?.arrayValue ?? []).compactMap { port in
            guard let number = number(of: port, at: pod) else { return nil }
            var entry: JSONValue = ["port": .integer(number), "protocol": port["protocol"] ?? "TCP"]
            if let name = port["name"] { entry["name"] = name }
            if let scheme = port["appProtocol"] { entry["appProtocol"] = scheme }
            return entry
        }
    }

    private func number(of port: JSONValue, at pod: KubernetesObject) -> Int64? {
        guard let name = port["targetPort"]?.stringValue else {
            return port["targetPort"]?.integerValue ?? port["port"]?.integerValue
        }
        let containers =
            (pod.spec["containers"]?.arrayValue ?? [])
            + (pod.spec["initContainers"]?.arrayValue ?? []).filter { $0["restartPolicy"] == "Always" }
        return containers.flatMap { $0["ports"]?.arrayValue ?? [] }.first {
            $0["name"]?.stringValue == name && $0["protocol"] == port["protocol"] ?? "TCP"
        }?["containerPort"]?.integerValue
    }

    /// The reference to a pod that endpoints carry.
    static func target(_ pod: KubernetesObject) -> JSONValue {
        [
            "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name),
            "uid": .string(pod.uid),
        ]
    }

    /// The host name that a pod has under its service's name, or nil.
    func hostname(_ pod: KubernetesObject) -> JSONValue? {
        guard pod.spec["subdomain"]?.stringValue == service.name,
            let hostname = pod.spec["hostname"]?.stringValue, !hostname.isEmpty
        else { return nil }
        return .string(hostname)
    }

    /// What to watch for the endpoints of services.
    static var triggers: [Trigger] {
        [
            .itself(.services),
            Trigger(.pods) { change, state in
                guard let pod = change.object else { return [] }
                return state.objects(.services, in: pod.namespace).filter { service in
                    guard let labels = service.spec["selector"]?.objectValue, !labels.isEmpty else {
                        return false
                    }
                    return [change.previous, change.current].contains { pod in
                        guard let pod else { return false }
                        return labels.allSatisfy { pod.label($0.key) == $0.value.stringValue }
                    }
                }.map(ObjectKey.init)
            },
        ]
    }
}
