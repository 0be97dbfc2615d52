import JSON
import KubernetesModel

/// KServe's controller, version 0.15, with raw deployments as the default mode and without ingresses (kserve/kserve): an inference
/// service becomes a deployment and a service of the serving runtime that suits its model.
///
/// The real installation scales by HorizontalPodAutoscaler, which this cluster does not have: the operator keeps deployments
/// within the bounds that one would be given.
enum KServeOperator {
    static let services = GroupResource(group: "serving.kserve.io", resource: "inferenceservices")
    static let runtimes = GroupResource(group: "serving.kserve.io", resource: "servingruntimes")
    static let clusterRuntimes = GroupResource(group: "serving.kserve.io", resource: "clusterservingruntimes")
    static let kind = "InferenceService"

    /// Labels and annotations (pkg/constants/constants.go).
    enum Label {
        static let service = "serving.kserve.io/inferenceservice"
        static let component = "component"
        static let app = "app"
        static let mode = "serving.kserve.io/deploymentMode"
        static let autoscaler = "serving.kserve.io/autoscalerClass"
        static let source = "internal.serving.kserve.io/storage-initializer-sourceuri"
    }

    static let `operator` = SimulatedOperator(
        id: "kserve",
        namespace: "kserve",
        deployment: "kserve-controller-manager",
        labels: [
            "app.kubernetes.io/name": "kserve-controller-manager",
            "control-plane": "kserve-controller-manager", "controller-tools.k8s.io": "1.0",
        ],
        container: [
            "name": "manager", "image": "kserve/kserve-controller:v0.20.0", "command": ["/manager"],
            "args": ["--metrics-addr=127.0.0.1:8080", "--leader-elect"],
            "livenessProbe": [
                "httpGet": ["path": "/healthz", "port": 8081], "initialDelaySeconds": 30,
                "timeoutSeconds": 5, "failureThreshold": 5,
            ],
            "readinessProbe": [
                "httpGet": ["path": "/readyz", "port": 8081], "initialDelaySeconds": 30, "periodSeconds": 5,
                "timeoutSeconds": 5, "failureThreshold": 5,
            ],
            "resources": [
                "limits": ["cpu": "100m", "memory": "300Mi"], "requests": ["cpu": "100m", "memory": "300Mi"],
            ],
        ],
        definitions: [
            KServeDefinitions.service, KServeDefinitions.runtime, KServeDefinitions.clusterRuntime,
        ],
        customObjects: KServeRuntimes.delivered.map { (clusterRuntimes, $0) }
    )

    static var controllers: [any Controller] {
        [
            OperatorController(
                name: "inferenceservice-controller",
                operator: `operator`,
                resource: services,
                kind: kind,
                owned: [.deployments, .services],
                further: [
                    .podLabel(Label.service), everyService(after: runtimes),
                    everyService(after: clusterRuntimes),
                ],
                finalizer: "inferenceservice.finalizers",
                round: { (object, dependents, api) throws(APIStatus) in
                    try await InferenceServiceRound(object, dependents, api).run()
                }
            )
        ]
    }

    private static func everyService(after resource: GroupResource) -> Trigger {
        Trigger(resource) { _, state in state.objects(services).map(ObjectKey.init) }
    }
}
