import Capacity
import ControlPlane
import JSON
import KubernetesModel
import Runtimes

/// A deployment as the API tells of it: the documented fields, and those that the web front end reads.
struct DeploymentBody: JSONObject {
    let record: DeploymentRecord

    private var reading: DeploymentReading { record.reading }

    static let schemaName = "Deployment"
    static let fields: [JSONField<DeploymentBody>] = [
        .init("name", "The name", example: "qwen-deployment") { $0.reading.name },
        .init("namespace", "The namespace", example: "kubefoundry") { $0.reading.namespace },
        .init("modelId", "The model; empty where the object does not tell", example: "Qwen/Qwen3-0.6B") {
            $0.reading.modelID
        },
        .init("servedModelName", "What clients call the model", example: "Qwen/Qwen3-0.6B") {
            $0.reading.servedName
        },
        .init("engine", "The engine; `unknown` where the object does not tell", example: "vllm") {
            $0.reading.engine?.rawValue ?? "unknown"
        }
        .schema(.enumeration(InferenceEngine.allCases.map(\.rawValue) + ["unknown"])),
        .init("mode", "Whether prompts and answers have workers of their own", example: "aggregated") {
            $0.reading.mode.rawValue
        }
        .schema(.enumeration(ServingMode.allCases.map(\.rawValue))),
        .init("phase", "How it stands", example: "Running") { $0.record.standing.phase.rawValue }
            .schema(.enumeration(DeploymentPhase.allCases.map(\.rawValue))),
        .init("message", "Why; absent when there is nothing to say") {
            $0.record.standing.message.isEmpty ? nil : $0.record.standing.message
        },
        .init("provider", "The runtime", example: "dynamo") { $0.reading.runtime.rawValue }
            .schema(.enumeration(RuntimeID.allCases.map(\.rawValue))),
        .init("managed", "Whether Ingot made it; what others made is listed and never changed") {
            $0.reading.isManaged
        },
        .init("replicas", "The workers") { ReplicasBody(counts: $0.reading.replicas) },
        .init("prefillReplicas", "The workers that read prompts; absent in the aggregated mode") {
            $0.reading.prefill.map(GroupReplicasBody.init)
        },
        .init("decodeReplicas", "The workers that write answers; absent in the aggregated mode") {
            $0.reading.decode.map(GroupReplicasBody.init)
        },
        .init("conditions", "What its operator says") {
            $0.reading.conditions.map(DeploymentConditionBody.init)
        },
        .init("pods", "Its pods, by name") { $0.record.pods.map(DeploymentPodBody.init) },
        .init("frontendService", "The service that answers, with its port; absent while there is none") {
            $0.reading.endpoint?.description
        },
        .init("createdAt", "When it was made", example: "2024-01-15T10:30:00Z") {
            $0.reading.created?.kubernetesTime
        }
        .schema(.string(format: "date-time")),
    ]
}

/// How many workers there are.
struct ReplicasBody: JSONObject {
    let counts: ReplicaCounts

    static let schemaName = "DeploymentReplicas"
    static let fields: [JSONField<ReplicasBody>] = [
        .init("desired", "How many are wished for", example: 1) { $0.counts.desired },
        .init("ready", "How many are ready", example: 1) { $0.counts.ready },
        .init("available", "How many have been ready for long enough", example: 1) { $0.counts.available },
    ]
}

/// How many workers of one kind there are.
struct GroupReplicasBody: JSONObject {
    let counts: ReplicaCounts

    static let schemaName = "DeploymentGroupReplicas"
    static let fields: [JSONField<GroupReplicasBody>] = [
        .init("desired", "How many are wished for", example: 1) { $0.counts.desired },
        .init("ready", "How many are ready", example: 1) { $0.counts.ready },
    ]
}

/// What an operator says.
struct DeploymentConditionBody: JSONObject {
    let condition: DeploymentCondition

    static let schemaName = "DeploymentCondition"
    static let fields: [JSONField<DeploymentConditionBody>] = [
        .init("type", "What it is about", example: "Ready") { $0.condition.type },
        .init("status", "`True`, `False` or `Unknown`", example: "True") { $0.condition.status },
        .init("reason", "Why, in a word") { $0.condition.reason.isEmpty ? nil : $0.condition.reason },
        .init("message", "Why") { $0.condition.message.isEmpty ? nil : $0.condition.message },
        .init("lastTransitionTime", "Since when") { $0.condition.since?.kubernetesTime }
            .schema(.string(format: "date-time")),
    ]
}

/// A pod of a deployment.
struct DeploymentPodBody: JSONObject {
    let pod: ServingPod

    static let schemaName = "DeploymentPod"
    static let fields: [JSONField<DeploymentPodBody>] = [
        .init("name", "The name", example: "qwen-deployment-worker-0") { $0.pod.name },
        .init("phase", "`Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`", example: "Running") {
            $0.pod.phase
        },
        .init("ready", "Whether all of its containers are ready") { $0.pod.isReady },
        .init("restarts", "How often its containers were started again", example: 0) { $0.pod.restarts },
        .init("node", "The node; absent until it is bound to one") {
            $0.pod.node.isEmpty ? nil : $0.pod.node
        },
        .init("role", "What it does, as its labels say", example: "decode") {
            $0.pod.role.isEmpty ? nil : $0.pod.role
        },
        .init("reason", "Why it does not serve, in a word", example: "CrashLoopBackOff") { $0.reason },
        .init("message", "Why it does not serve") { $0.message },
        .init("containers", "The names of its containers, init containers first") {
            $0.pod.containers.map(\.name)
        },
    ]

    private var reason: String? {
        if let failure = pod.failure { return failure.reason }
        let waiting = pod.containers.first { !$0.waitingReason.isEmpty }?.waitingReason
        return waiting ?? (pod.reason.isEmpty ? nil : pod.reason)
    }

    private var message: String? {
        let text = pod.failure?.message ?? pod.message
        return text.isEmpty ? nil : text
    }
}

/// The answer of `GET /api/deployments`.
struct DeploymentList: JSONObject {
    let deployments: [DeploymentBody]
    let page: Pagination

    static let schemaName = "DeploymentList"
    static let fields: [JSONField<DeploymentList>] = [
        .init("deployments", "The deployments, newest first") { $0.deployments },
        .init("pagination", "Which part of the list this is") { $0.page },
    ]
}

/// The answer of `GET /api/deployments/{name}/pods`.
struct DeploymentPodList: JSONObject {
    let pods: [DeploymentPodBody]

    static let schemaName = "DeploymentPodList"
    static let fields: [JSONField<DeploymentPodList>] = [
        .init("pods", "The pods, by name") { $0.pods }
    ]
}
