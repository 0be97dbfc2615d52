import JSON
import KubernetesModel

/// The Kubernetes services of Ray clusters and Ray services (controllers/ray/common/service.go).
enum RayServices {
    private typealias Label = KubeRayOperator.Label

    /// The name of a cluster's head service.
    static func headName(of cluster: KubernetesObject) -> String {
        cluster.spec["headGroupSpec"]?["headService"]?["metadata"]?["name"]?.stringValue
            ?? "\(cluster.name)-head-svc"
    }

    private static func identity(of cluster: KubernetesObject) -> JSONValue {
        [
            Label.cluster: .string(cluster.name), Label.nodeType: "head",
            Label.identifier: .string("\(cluster.name)-head"), "app.kubernetes.io/name": "kuberay",
            "app.kubernetes.io/created-by": "kuberay-operator",
        ]
    }

    /// The ports of the head's Ray container, or Ray's usual ones.
    private static func ports(of cluster: KubernetesObject) -> [(name: String, number: Int64)] {
        let container = cluster.spec["headGroupSpec"]?["template"]?["spec"]?["containers"]?[0]
        var ports = (container?["ports"]?.arrayValue ?? []).compactMap {
            port -> (name: String, number: Int64)? in
            guard let number = port["containerPort"]?.integerValue else { return nil }
            return (port["name"]?.stringValue ?? "\(number)-port", number)
        }
        if ports.isEmpty {
            ports = [("client", 10001), ("gcs-server", 6379), ("dashboard", 8265), ("serve", 8000)]
        }
        if !ports.contains(where: { $0.name == "metrics" }) { ports.append(("metrics", 8080)) }
        return ports.sorted { $0.name < $1.name }
    }

    /// The head's service: headless unless another type is asked for.
    static func head(of cluster: KubernetesObject) -> JSONValue {
        let type = cluster.spec["headGroupSpec"]?["serviceType"]?.stringValue ?? ""
        let labels = identity(of: cluster)
        let ports = ports(of: cluster).map { port -> JSONValue in
            [
                "name": .string(port.name), "port": .integer(port.number),
                "targetPort": .integer(port.number), "protocol": "TCP", "appProtocol": "tcp",
            ]
        }
        var spec: JSONValue = ["selector": labels, "ports": .array(ports)]
        if type.isEmpty || type == "ClusterIP" {
            spec["clusterIP"] = "None"
            spec["publishNotReadyAddresses"] = true
        } else {
            spec["type"] = .string(type)
        }
        var metadata: JSONValue = ["name": .string(headName(of: cluster)), "labels": labels]
        if let annotations = cluster.spec["headServiceAnnotations"] { metadata["annotations"] = annotations }
        return ["apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec]
    }

    /// The head service of a Ray service: it leads to the head of the cluster that serves.
    static func head(of service: KubernetesObject, to cluster: KubernetesObject) -> JSONValue {
        var json = head(of: cluster)
        json["metadata"] = [
            "name": .string("\(service.name)-head-svc"),
            "labels": origin(service).with(Label.nodeType, "head")
                .with(Label.identifier, .string("\(service.name)-head")),
        ]
        return json
    }

    private static func origin(_ object: KubernetesObject) -> JSONValue {
        [Label.originName: .string(object.name), Label.originKind: .string(object.kind)]
    }

    /// The service by which applications are reached; nil when the head has no port whose name is `serve` or begins with `serve-`.
    ///
    /// - Parameter owner: The Ray service, or the Ray cluster itself.
    static func serve(of owner: KubernetesObject, to cluster: KubernetesObject) -> JSONValue? {
        let serving = ports(of: cluster).filter { $0.name == "serve" || $0.name.hasPrefix("serve-") }
        guard !serving.isEmpty else { return nil }
        var selector: JSONValue = [Label.cluster: .string(cluster.name)]
        if owner.kind == KubeRayOperator.serviceKind { selector[Label.serve] = "true" }
        var spec: JSONValue = [
            "selector": selector,
            "ports": .array(
                serving.map { port in
                    [
                        "name": .string(port.name), "port": .integer(port.number),
                        "targetPort": .integer(port.number), "protocol": "TCP",
                    ]
                }
            ),
        ]
        spec["type"] = cluster.spec["headGroupSpec"]?["serviceType"]
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": [
                "name": .string("\(owner.name)-serve-svc"),
                "labels": origin(owner).with(Label.serve, .string("\(owner.name)-serve")),
            ],
            "spec": spec,
        ]
    }

    /// By which the workers of groups of several hosts find each other.
    static func headless(of cluster: KubernetesObject) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Service",
            "metadata": [
                "name": .string("\(cluster.name)-headless"),
                "labels": [Label.headless: .string(cluster.name)],
            ],
            "spec": [
                "type": "ClusterIP", "clusterIP": "None", "publishNotReadyAddresses": true,
                "selector": [Label.cluster: .string(cluster.name), Label.nodeType: "worker"],
            ],
        ]
    }
}
