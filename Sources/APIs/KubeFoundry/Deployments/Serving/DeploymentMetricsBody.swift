import ControlPlane
import JSON

/// The answer of `GET /api/deployments/{name}/metrics`.
struct DeploymentMetricsBody: JSONObject {
    let metrics: ServedMetrics
    let time: Timestamp

    private var samples: [MetricSample]? {
        if case .samples(let samples, _) = metrics { samples } else { nil }
    }

    private var replicas: MetricReplicasBody? {
        if case .samples(_, let replicas?) = metrics { MetricReplicasBody(replicas: replicas) } else { nil }
    }

    static let schemaName = "DeploymentMetrics"
    static let fields: [JSONField<DeploymentMetricsBody>] = [
        .init("available", "Whether the deployment could be asked") { $0.samples != nil },
        .init("error", "Why not; absent when it could") { body -> String? in
            if case .unavailable(let reason) = body.metrics { reason } else { nil }
        },
        .init("timestamp", "When it was asked", example: "2024-01-15T10:30:00Z") { $0.time },
        .init("metrics", "The samples; none when it could not be asked") {
            ($0.samples ?? []).map(MetricSampleBody.init)
        },
        .init(
            "replicas",
            "Whose samples these are together; absent where one program tells what all do, and when it could not be asked"
        ) { $0.replicas },
    ]
}

/// Whose metrics are put together.
struct MetricReplicasBody: JSONObject {
    let replicas: ServedMetrics.Replicas

    static let schemaName = "MetricReplicas"
    static let fields: [JSONField<MetricReplicasBody>] = [
        .init("ready", "How many replicas are ready", example: 3) { $0.replicas.ready },
        .init("answered", "How many of these have told their metrics", example: 3) { $0.replicas.answered },
    ]
}

/// A sample of a metric.
struct MetricSampleBody: JSONObject {
    let sample: MetricSample

    static let schemaName = "MetricSample"
    static let fields: [JSONField<MetricSampleBody>] = [
        .init("name", "The metric's name", example: "vllm:num_requests_running") { $0.sample.name },
        .init("value", "The value", example: 2) { $0.sample.value },
        .init("labels", "The labels", example: ["model_name": "Qwen/Qwen3-0.6B"]) { body -> JSONValue in
            var members = JSONMembers()
            for label in body.sample.labels { members[label.name] = .string(label.value) }
            return .object(members)
        }
        .schema(.map(of: .string)),
    ]
}
