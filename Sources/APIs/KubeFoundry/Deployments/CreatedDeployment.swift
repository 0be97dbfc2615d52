import Capacity
import ControlPlane
import JSON
import KubernetesModel
import Runtimes

/// The answer of `POST /api/deployments`: the documented members, and those that the web front end reads.
struct CreatedDeployment: JSONObject {
    let created: DeploymentService.Created

    static let schemaName = "CreatedDeployment"
    static let fields: [JSONField<CreatedDeployment>] = [
        .init("success", "That it was made") { _ in true },
        .init("deployment", "The deployment") { DeploymentBody(record: $0.created.record) },
        .init("message", "The same in words", example: "Deployment created successfully") { _ in
            "Deployment created successfully"
        },
        .init("name", "Its name", example: "qwen-deployment") { $0.created.record.reading.name },
        .init("namespace", "Its namespace", example: "kubefoundry") {
            $0.created.record.reading.namespace
        },
        .init("provider", "The runtime that serves it", example: "dynamo") {
            $0.created.record.reading.runtime.rawValue
        },
        .init("warnings", "What should be known besides") { $0.created.plan.warnings },
    ]
}

/// The answer of `DELETE /api/deployments/{name}`.
struct DeletedDeployment: JSONObject {
    static let schemaName = "DeletedDeployment"
    static let fields: [JSONField<DeletedDeployment>] = [
        .init("success", "That it is being ended") { _ in true },
        .init("message", "The same in words", example: "Deployment deleted") { _ in "Deployment deleted" },
    ]
}

/// The answer of `PATCH /api/deployments/{name}` and `POST /api/deployments/{name}/restart`.
struct ChangedDeployment: JSONObject {
    let record: DeploymentRecord
    let message: String

    static let schemaName = "ChangedDeployment"
    static let fields: [JSONField<ChangedDeployment>] = [
        .init("success", "That it was changed") { _ in true },
        .init("message", "The same in words", example: "Deployment changed") { $0.message },
        .init("deployment", "The deployment") { DeploymentBody(record: $0.record) },
    ]
}

/// The answer of `POST /api/deployments/preview`.
struct DeploymentPreview: JSONObject {
    let plan: DeploymentPlan

    static let schemaName = "DeploymentPreview"
    static let fields: [JSONField<DeploymentPreview>] =
        ManifestResource.fields(\.plan.manifests) + [
            .init("provider", "The runtime that would serve it", example: "dynamo") {
                $0.plan.spec.runtime.rawValue
            },
            .init("engine", "The engine that would serve it", example: "vllm") {
                $0.plan.spec.engine.rawValue
            },
            .init("namespace", "Where it would go", example: "kubefoundry") { $0.plan.spec.namespace },
            .init("choice", "What was chosen for want of a wish; absent when nothing was") {
                $0.plan.choice.isEmpty ? nil : $0.plan.choice
            },
            .init("fit", "Whether the model fits; absent where that is not known or no GPU is asked for") {
                $0.plan.fit?.verdict.rawValue
            },
            .init("placement", "Where the workers can go now; absent where no GPU is asked for") {
                $0.plan.placement.map(PlacementPreview.init)
            },
            .init("warnings", "What should be known before it is made") { $0.plan.warnings },
        ]
}

/// Where workers can go.
struct PlacementPreview: JSONObject {
    let placement: Placement

    static let schemaName = "DeploymentPlacement"
    static let fields: [JSONField<PlacementPreview>] = [
        .init("complete", "Whether all of them have a place now") { $0.placement.isComplete },
        .init("nodes", "The nodes of those that have one, once for each worker", example: ["gpu-node-1"]) {
            $0.placement.replicas.flatMap(\.self)
        },
    ]
}

/// An object of a deployment, as it is or would be.
struct ManifestResource: JSONObject {
    let object: KubernetesObject

    static let schemaName = "ManifestResource"
    static let fields: [JSONField<ManifestResource>] = [
        .init("kind", "The kind", example: "DynamoGraphDeployment") { $0.object.kind },
        .init("apiVersion", "The group and version", example: "nvidia.com/v1alpha1") {
            $0.object.apiVersion
        },
        .init("name", "The name", example: "qwen-deployment") { $0.object.name },
        .init("manifest", "The object") { $0.object.json },
    ]

    /// The members of answers that have a deployment's objects among others.
    static func fields<Answer>(
        _ manifests: @escaping @Sendable (Answer) -> [Manifest]
    ) -> [JSONField<Answer>] {
        [
            .init("resources", "The objects, the one that stands for the deployment first") {
                manifests($0).map { ManifestResource(object: KubernetesObject($0.object)) }
            },
            .init("primaryResource", "The object that stands for the deployment") {
                PrimaryResource(object: KubernetesObject(manifests($0).first?.object ?? [:]))
            },
        ]
    }
}

/// What kind of object stands for a deployment.
struct PrimaryResource: JSONObject {
    let object: KubernetesObject

    static let schemaName = "PrimaryResource"
    static let fields: [JSONField<PrimaryResource>] = [
        .init("kind", "The kind", example: "DynamoGraphDeployment") { $0.object.kind },
        .init("apiVersion", "The group and version", example: "nvidia.com/v1alpha1") {
            $0.object.apiVersion
        },
    ]
}

/// The answer of `GET /api/deployments/{name}/manifest`.
struct DeploymentManifest: JSONObject {
    let manifests: [Manifest]

    static let schemaName = "DeploymentManifest"
    static let fields: [JSONField<DeploymentManifest>] = ManifestResource.fields(\.manifests)
}
