import JSON

/// The custom resource definitions of KubeRay, with the members that its operator acts on (ray-operator/apis/ray/v1).
enum RayDefinitions {
    /// A pod template: checked as far as the operator reads it.
    private static let template = Schema.open(
        [
            "metadata": Schema.open(["labels": Schema.texts, "annotations": Schema.texts]),
            "spec": Schema.open(
                ["containers": Schema.list(of: Schema.open(["name": Schema.text], required: ["name"]))],
                required: ["containers"]
            ),
        ]
    )

    private static let headGroup = Schema.open(
        [
            "template": template, "rayStartParams": Schema.texts, "headService": Schema.anything,
            "enableIngress": Schema.flag, "resources": Schema.texts, "labels": Schema.texts,
            "serviceType": Schema.text,
        ],
        required: ["template"]
    )

    private static let workerGroup = Schema.open(
        [
            "groupName": Schema.text, "template": template, "rayStartParams": Schema.texts,
            "replicas": signed(default: 0), "minReplicas": signed(default: 0),
            "maxReplicas": signed(default: 2_147_483_647), "numOfHosts": signed(default: 1),
            "idleTimeoutSeconds": ["type": "integer", "format": "int32"], "suspend": Schema.flag,
            "resources": Schema.texts, "labels": Schema.texts,
            "scaleStrategy": Schema.open(["workersToDelete": Schema.list(of: Schema.text)]),
        ],
        required: ["groupName", "maxReplicas", "minReplicas", "template"]
    )

    private static func signed(default value: Int64) -> JSONValue {
        ["type": "integer", "format": "int32", "default": .integer(value)]
    }

    private static let clusterMembers: JSONValue = [
        "headGroupSpec": headGroup, "workerGroupSpecs": Schema.list(of: workerGroup),
        "rayVersion": Schema.text, "suspend": Schema.flag, "managedBy": Schema.text,
        "enableInTreeAutoscaling": Schema.flag, "autoscalerOptions": Schema.anything,
        "headServiceAnnotations": Schema.texts, "gcsFaultToleranceOptions": Schema.anything,
        "authOptions": Schema.open(["mode": Schema.choice("disabled", "token")]),
        "upgradeStrategy": Schema.open(["type": Schema.choice("Recreate", "None")]),
    ]

    private static let clusterSpec = Schema.open(clusterMembers, required: ["headGroupSpec"])

    private static let quantity: JSONValue = [
        "x-kubernetes-int-or-string": true, "anyOf": [["type": "integer"], ["type": "string"]],
    ]

    private static let clusterStatus = Schema.status([
        "state": Schema.text, "reason": Schema.text, "desiredCPU": quantity, "desiredMemory": quantity,
        "desiredGPU": quantity, "desiredTPU": quantity,
        "lastUpdateTime": ["type": "string", "format": "date-time", "nullable": true],
        "stateTransitionTimes": Schema.texts, "endpoints": Schema.texts,
        "head": Schema.open([
            "podIP": Schema.text, "podName": Schema.text, "serviceIP": Schema.text,
            "serviceName": Schema.text,
        ]),
        "readyWorkerReplicas": Schema.count, "availableWorkerReplicas": Schema.count,
        "desiredWorkerReplicas": Schema.count, "minWorkerReplicas": Schema.count,
        "maxWorkerReplicas": Schema.count, "observedGeneration": Schema.number,
    ])

    static let cluster = CustomDefinition(
        group: "ray.io",
        kind: KubeRayOperator.clusterKind,
        plural: "rayclusters",
        categories: ["all"],
        versions: [
            CustomDefinition.Version(
                name: "v1",
                members: ["spec": clusterSpec, "status": clusterStatus],
                columns: [
                    .init("desired workers", ".status.desiredWorkerReplicas", type: "integer"),
                    .init("available workers", ".status.availableWorkerReplicas", type: "integer"),
                    .init("cpus", ".status.desiredCPU"), .init("memory", ".status.desiredMemory"),
                    .init("gpus", ".status.desiredGPU"),
                    .init("tpus", ".status.desiredTPU", priority: 1), .init("status", ".status.state"),
                    .init("age", ".metadata.creationTimestamp", type: "date"),
                    .init("head pod IP", ".status.head.podIP", priority: 1),
                    .init("head service IP", ".status.head.serviceIP", priority: 1),
                ]
            )
        ]
    )

    private static let serveStatus = Schema.open([
        "rayClusterName": Schema.text, "rayClusterStatus": Schema.anything,
        "applicationStatuses": Schema.map(
            of: Schema.open([
                "status": Schema.text, "message": Schema.text,
                "serveDeploymentStatuses": Schema.map(
                    of: Schema.open(["status": Schema.text, "message": Schema.text])
                ),
            ])
        ),
    ])

    static let service = CustomDefinition(
        group: "ray.io",
        kind: KubeRayOperator.serviceKind,
        plural: "rayservices",
        categories: ["all"],
        versions: [
            CustomDefinition.Version(
                name: "v1",
                members: [
                    "spec": Schema.open(
                        [
                            "serveConfigV2": Schema.text, "rayClusterConfig": clusterSpec,
                            "serveService": Schema.anything, "excludeHeadPodFromServeSvc": Schema.flag,
                            "rayClusterDeletionDelaySeconds": Schema.count,
                            "upgradeStrategy": Schema.open(["type": Schema.text]),
                        ],
                        required: ["rayClusterConfig"]
                    ),
                    "status": Schema.status([
                        "serviceStatus": Schema.text, "activeServiceStatus": serveStatus,
                        "pendingServiceStatus": serveStatus, "numServeEndpoints": Schema.count,
                        "observedGeneration": Schema.number,
                        "lastUpdateTime": ["type": "string", "format": "date-time"],
                    ]),
                ],
                columns: [
                    .init("service status", ".status.serviceStatus"),
                    .init("num serve endpoints", ".status.numServeEndpoints"),
                ]
            )
        ]
    )
}
