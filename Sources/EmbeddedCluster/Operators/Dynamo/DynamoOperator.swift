import JSON
import KubernetesModel

/// NVIDIA Dynamo's operator in component mode, that is without Grove (ai-dynamo/dynamo, deploy/operator): a graph deployment
/// becomes component deployments, and each of these a deployment with a service.
enum DynamoOperator {
    static let graphs = GroupResource(group: "nvidia.com", resource: "dynamographdeployments")
    static let components = GroupResource(group: "nvidia.com", resource: "dynamocomponentdeployments")
    static let graphKind = "DynamoGraphDeployment"
    static let componentKind = "DynamoComponentDeployment"
    static let apiVersion = "nvidia.com/v1alpha1"

    /// Labels (internal/consts).
    enum Label {
        static let graph = "nvidia.com/dynamo-graph-deployment-name"
        static let component = "nvidia.com/dynamo-component"
        static let type = "nvidia.com/dynamo-component-type"
        static let subType = "nvidia.com/dynamo-sub-component-type"
        static let namespace = "nvidia.com/dynamo-namespace"
        static let selector = "nvidia.com/selector"
    }

    static let `operator` = SimulatedOperator(
        id: "dynamo",
        namespace: "dynamo-system",
        deployment: "dynamo-platform-dynamo-operator-controller-manager",
        labels: [
            "app.kubernetes.io/name": "dynamo-operator", "app.kubernetes.io/instance": "dynamo-platform",
            "app.kubernetes.io/component": "manager", "control-plane": "controller-manager",
        ],
        container: [
            "name": "manager", "image": "nvcr.io/nvidia/ai-dynamo/kubernetes-operator:1.3.1",
            "args": [
                "--health-probe-bind-address=:8081", "--metrics-bind-address=127.0.0.1:8080",
                "--leader-elect",
            ],
            "readinessProbe": ["httpGet": ["path": "/readyz", "port": 8081], "periodSeconds": 10],
            "resources": ["requests": ["cpu": "512m", "memory": "1Gi"]],
        ],
        definitions: [graphDefinition, componentDefinition]
    )

    static var controllers: [any Controller] {
        [
            OperatorController(
                name: "dynamo-graph-deployment",
                operator: `operator`,
                resource: graphs,
                kind: graphKind,
                owned: [components],
                round: DynamoGraph.reconcile
            ),
            OperatorController(
                name: "dynamo-component-deployment",
                operator: `operator`,
                resource: components,
                kind: componentKind,
                owned: [.deployments, .services],
                round: DynamoComponent.reconcile
            ),
        ]
    }

    // MARK: Definitions

    /// What a service of a graph and a component deployment have in common (DynamoComponentDeploymentSharedSpec).
    private static let component: JSONValue = [
        "serviceName": Schema.text, "componentType": Schema.text, "subComponentType": Schema.text,
        "dynamoNamespace": Schema.text, "replicas": Schema.count, "labels": Schema.texts,
        "annotations": Schema.texts, "envFromSecret": Schema.text, "envs": Schema.list,
        "resources": Schema.open([
            "limits": Schema.anything, "requests": Schema.anything, "claims": Schema.list,
        ]),
        "multinode": Schema.open([
            "nodeCount": ["type": "integer", "format": "int32", "minimum": 2, "default": 2]
        ]),
        "sharedMemory": Schema.open(["disabled": Schema.flag]),
        "extraPodMetadata": Schema.open(["labels": Schema.texts, "annotations": Schema.texts]),
        "extraPodSpec": Schema.open(["mainContainer": Schema.anything]),
        "livenessProbe": Schema.anything, "readinessProbe": Schema.anything, "ingress": Schema.anything,
    ]

    private static let replicas: JSONValue = Schema.open([
        "componentKind": Schema.text, "componentName": Schema.text, "replicas": Schema.count,
        "updatedReplicas": Schema.count, "readyReplicas": Schema.count, "availableReplicas": Schema.count,
    ])

    private static let framework = Schema.choice("sglang", "vllm", "trtllm")

    private static let graphDefinition = CustomDefinition(
        group: "nvidia.com",
        kind: graphKind,
        plural: "dynamographdeployments",
        shortNames: ["dgd"],
        versions: [
            CustomDefinition.Version(
                name: "v1alpha1",
                members: [
                    "spec": Schema.open([
                        "backendFramework": framework, "envs": Schema.list, "pvcs": Schema.list,
                        "services": Schema.map(of: Schema.open(component)),
                    ]),
                    "status": Schema.status([
                        "state": Schema.text, "observedGeneration": Schema.number,
                        "services": Schema.map(of: replicas),
                    ]),
                ],
                columns: [
                    .init("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
                    .init("Backend", ".spec.backendFramework"),
                    .init("Age", ".metadata.creationTimestamp", type: "date"),
                ]
            )
        ]
    )

    private static let componentDefinition = CustomDefinition(
        group: "nvidia.com",
        kind: componentKind,
        plural: "dynamocomponentdeployments",
        shortNames: ["dcd"],
        versions: [
            CustomDefinition.Version(
                name: "v1alpha1",
                members: [
                    "spec": Schema.open(component.with("backendFramework", framework)),
                    "status": Schema.status([
                        "observedGeneration": Schema.number, "podSelector": Schema.texts, "service": replicas,
                    ]),
                ],
                columns: [
                    .init("Available", ".status.conditions[?(@.type==\"Available\")].status"),
                    .init("Backend", ".spec.backendFramework"),
                    .init("Age", ".metadata.creationTimestamp", type: "date"),
                ]
            )
        ]
    )
}
