import JSON
import KubernetesModel

/// KAITO's workspace operator, version 0.8, with node auto-provisioning disabled (kaito-project/kaito): a workspace becomes a
/// stateful set on the nodes that it selects, and two services.
enum KaitoOperator {
    static let workspaces = GroupResource(group: "kaito.sh", resource: "workspaces")
    static let kind = "Workspace"
    static let apiVersion = "kaito.sh/v1beta1"

    /// Labels and annotations (api/v1beta1/labels.go and pkg/workspace/controllers).
    enum Label {
        static let workspace = "kaito.sh/workspace"
        static let enableLoadBalancer = "kaito.sh/enablelb"
        static let revision = "workspace.kaito.io/revision"
        static let hash = "workspace.kaito.io/hash"
        static let name = "workspace.kaito.io/name"
        static let createdBySet = "inferenceset.kaito.sh/created-by"
    }

    static let `operator` = SimulatedOperator(
        id: "kaito",
        namespace: "kaito-workspace",
        deployment: "kaito-workspace",
        labels: ["app.kubernetes.io/name": "workspace", "app.kubernetes.io/instance": "kaito-workspace"],
        container: [
            "name": "workspace", "image": "mcr.microsoft.com/aks/kaito/workspace:0.10.0",
            "args": [
                "--feature-gates=disableNodeAutoProvisioning=true,enableInferenceSetController=false,gatewayAPIInferenceExtension=false,vLLM=true"
            ],
            "ports": [
                ["name": "http-metrics", "containerPort": 8080, "protocol": "TCP"],
                ["name": "https-webhook", "containerPort": 9443, "protocol": "TCP"],
            ],
            "livenessProbe": [
                "httpGet": ["path": "/healthz", "port": 8081], "initialDelaySeconds": 15,
                "periodSeconds": 20,
            ],
            "readinessProbe": ["httpGet": ["path": "/readyz", "port": 8081]],
            "resources": [
                "limits": ["cpu": "500m", "memory": "128Mi"], "requests": ["cpu": "10m", "memory": "64Mi"],
            ],
        ],
        definitions: [KaitoDefinitions.workspace, KaitoDefinitions.inferenceSet]
    )

    static var controllers: [any Controller] {
        [
            OperatorController(
                name: "kaito-workspace",
                operator: `operator`,
                resource: workspaces,
                kind: kind,
                owned: [.statefulSets, .services],
                finalizer: "workspace.finalizer.kaito.sh",
                round: { (object, dependents, api) throws(APIStatus) in
                    try await WorkspaceRound(object, dependents, api).run()
                },
                end: { (object, dependents, api) throws(APIStatus) in
                    try await WorkspaceRound(object, dependents, api).end()
                    return true
                }
            )
        ]
    }
}
