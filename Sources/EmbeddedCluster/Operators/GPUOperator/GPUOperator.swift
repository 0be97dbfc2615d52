import JSON

/// NVIDIA's GPU operator (NVIDIA/gpu-operator). The simulated nodes have their GPUs from the start, so it has nothing to do.
enum GPUOperator {
    static let `operator` = SimulatedOperator(
        id: "gpu-operator",
        namespace: "gpu-operator",
        deployment: "gpu-operator",
        labels: [
            "app": "gpu-operator", "app.kubernetes.io/component": "gpu-operator",
            "app.kubernetes.io/instance": "gpu-operator", "app.kubernetes.io/name": "gpu-operator",
        ],
        container: [
            "name": "gpu-operator", "image": "nvcr.io/nvidia/gpu-operator:v25.3.4",
            "command": ["gpu-operator"], "args": ["--leader-elect"],
            "readinessProbe": ["httpGet": ["path": "/readyz", "port": 8081], "periodSeconds": 10],
            "resources": ["requests": ["cpu": "200m", "memory": "100Mi"]],
        ],
        definitions: [policies]
    )

    private static let policies = CustomDefinition(
        group: "nvidia.com",
        kind: "ClusterPolicy",
        plural: "clusterpolicies",
        isNamespaced: false,
        versions: [
            CustomDefinition.Version(
                name: "v1",
                members: ["spec": Schema.anything, "status": Schema.status(["state": Schema.text])],
                columns: [
                    .init("Status", ".status.state"),
                    .init("Age", ".metadata.creationTimestamp", type: "date"),
                ]
            )
        ]
    )
}
