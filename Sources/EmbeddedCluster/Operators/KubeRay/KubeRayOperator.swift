import JSON
import KubernetesModel

/// KubeRay's operator, version 1.5 (ray-project/kuberay, ray-operator): a Ray cluster becomes a head pod, worker pods and a head
/// service; a Ray service becomes a Ray cluster with serve applications, and another one for each change of its pods.
enum KubeRayOperator {
    static let clusters = GroupResource(group: "ray.io", resource: "rayclusters")
    static let services = GroupResource(group: "ray.io", resource: "rayservices")
    static let clusterKind = "RayCluster"
    static let serviceKind = "RayService"
    static let apiVersion = "ray.io/v1"
    static let version = "v1.5.1"

    /// Labels and annotations (controllers/ray/utils/constant.go).
    enum Label {
        static let cluster = "ray.io/cluster"
        static let nodeType = "ray.io/node-type"
        static let group = "ray.io/group"
        static let isNode = "ray.io/is-ray-node"
        static let identifier = "ray.io/identifier"
        static let serve = "ray.io/serve"
        static let originName = "ray.io/originated-from-cr-name"
        static let originKind = "ray.io/originated-from-crd"
        static let headless = "ray.io/headless-worker-svc"
        static let specHash = "ray.io/hash-without-replicas-and-workers-to-delete"
        static let groupCount = "ray.io/num-worker-groups"
        static let version = "ray.io/kuberay-version"
        static let overwriteCommand = "ray.io/overwrite-container-cmd"
        static let enableServeService = "ray.io/enable-serve-service"
    }

    static let `operator` = SimulatedOperator(
        id: "kuberay",
        namespace: "kuberay-system",
        deployment: "kuberay-operator",
        labels: [
            "app.kubernetes.io/name": "kuberay-operator", "app.kubernetes.io/instance": "kuberay-operator",
            "app.kubernetes.io/component": "kuberay-operator",
        ],
        container: [
            "name": "kuberay-operator", "image": "quay.io/kuberay/operator:v1.7.0", "command": ["/manager"],
            "args": ["--enable-leader-election=true", "--enable-metrics=true"],
            "ports": [["name": "http", "containerPort": 8080, "protocol": "TCP"]],
            "livenessProbe": [
                "httpGet": ["path": "/metrics", "port": "http"], "initialDelaySeconds": 10,
                "periodSeconds": 5, "failureThreshold": 5,
            ],
            "readinessProbe": [
                "httpGet": ["path": "/metrics", "port": "http"], "initialDelaySeconds": 10,
                "periodSeconds": 5, "failureThreshold": 5,
            ],
            "resources": ["limits": ["cpu": "100m", "memory": "512Mi"]],
        ],
        definitions: [RayDefinitions.cluster, RayDefinitions.service]
    )

    static var controllers: [any Controller] {
        [
            OperatorController(
                name: "raycluster-controller",
                operator: `operator`,
                resource: clusters,
                kind: clusterKind,
                owned: [.pods, .services],
                round: { (object, dependents, api) throws(APIStatus) in
                    try await RayClusterRound(object, dependents, api).run()
                }
            ),
            OperatorController(
                name: "rayservice-controller",
                operator: `operator`,
                resource: services,
                kind: serviceKind,
                owned: [clusters, .services],
                further: [podsOfService, endpointsOfService],
                round: { (object, dependents, api) throws(APIStatus) in
                    try await RayServiceRound(object, dependents, api).run()
                }
            ),
        ]
    }

    /// How the serve applications fare depends on the pods of the service's clusters.
    private static let podsOfService = Trigger(.pods) { change, state in
        let names = [change.previous, change.current].compactMap { $0?.label(Label.cluster) }
        return Set(names).compactMap { name in
            guard let owner = state.object(clusters, change.key.namespace, name)?.controller,
                owner.kind == serviceKind
            else { return nil }
            return ObjectKey(namespace: change.key.namespace, name: owner.name)
        }
    }

    /// A service is ready when it has serve endpoints.
    private static let endpointsOfService = Trigger(.endpoints) { change, _ in
        let suffix = "-serve-svc"
        guard change.key.name.hasSuffix(suffix) else { return [] }
        return [
            ObjectKey(namespace: change.key.namespace, name: String(change.key.name.dropLast(suffix.count)))
        ]
    }
}

/// What Ray's custom resources say of pods.
extension JSONValue {
    /// A resource's map of texts.
    var textMembers: [String: String] {
        var texts: [String: String] = [:]
        for member in objectValue ?? JSONMembers() {
            if let text = member.value.stringValue { texts[member.key] = text }
        }
        return texts
    }

    /// `{labels}` and the like from texts, in the order of their keys.
    init(texts: [String: String]) {
        var object: JSONValue = [:]
        for (key, value) in texts.sorted(by: { $0.key < $1.key }) { object[key] = .string(value) }
        self = object
    }
}
