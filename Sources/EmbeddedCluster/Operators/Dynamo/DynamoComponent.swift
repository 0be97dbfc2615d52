import JSON
import KubernetesModel

/// What Dynamo's operator does to a component deployment (internal/controller/dynamocomponentdeployment_controller.go): a
/// deployment and a service.
enum DynamoComponent {
    static func reconcile(
        _ component: KubernetesObject,
        _ dependents: Dependents,
        _ api: ClusterAPI
    ) async throws(APIStatus) -> Duration? {
        let pod = DynamoPod(component)
        let deployment = try await dependents.apply(
            .deployments,
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": ["name": .string(component.name), "labels": pod.labels],
                "spec": [
                    "replicas": .integer(component.spec.integer("replicas", default: 1)),
                    "selector": ["matchLabels": [DynamoOperator.Label.selector: .string(component.name)]],
                    "strategy": [
                        "type": "RollingUpdate",
                        "rollingUpdate": ["maxSurge": "25%", "maxUnavailable": "25%"],
                    ],
                    "template": pod.template,
                ],
            ]
        )
        try await dependents.apply(.services, pod.service)
        try await report(component, deployment, pod, dependents)
        return nil
    }

    /// Whether all replicas are of the present template and available (IsDeploymentReady).
    private static func isReady(_ deployment: KubernetesObject) -> Bool {
        let wanted = deployment.spec.integer("replicas", default: 1)
        if wanted == 0 { return true }
        let status = deployment.status
        return status.integer("observedGeneration") >= deployment.generation
            && status.integer("updatedReplicas") >= wanted && status.integer("availableReplicas") >= wanted
            && deployment.condition("Available")?["status"]?.stringValue == "True"
    }

    private static func report(
        _ component: KubernetesObject,
        _ deployment: KubernetesObject,
        _ pod: DynamoPod,
        _ dependents: Dependents
    ) async throws(APIStatus) {
        let now = dependents.api.now()
        let isReady = isReady(deployment)
        let status = deployment.status
        let counts: JSONValue = [
            "componentKind": "Deployment", "componentName": .string(deployment.name),
            "componentNames": [.string(deployment.name)], "replicas": .integer(status.integer("replicas")),
            "updatedReplicas": .integer(status.integer("updatedReplicas")),
            "readyReplicas": .integer(status.integer("readyReplicas")),
            "availableReplicas": .integer(status.integer("availableReplicas")),
        ]
        try await dependents.report(DynamoOperator.components) { object in
            var conditions = Conditions(object)
            conditions.set(
                "Available",
                isReady ? "True" : "False",
                isReady ? "DeploymentReady" : "DeploymentNotReady",
                isReady ? "Deployment is ready" : "Deployment is not ready",
                now: now
            )
            conditions.set(
                "DynamoComponentReady",
                isReady ? "True" : "False",
                isReady ? "ComponentReady" : "ComponentNotReady",
                isReady ? "DynamoComponent is ready" : "DynamoComponent is not ready",
                now: now
            )
            object.json[at: "status", "conditions"] = conditions.json
            object.json[at: "status", "observedGeneration"] = .integer(component.generation)
            object.json[at: "status", "podSelector"] = pod.labels
            object.json[at: "status", "service"] = counts
        }
    }
}
