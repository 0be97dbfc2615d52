import ControlPlane
import HTTPServer
import HTTPTypes
import JSON

/// `GET /api/autoscaler/detection` and `GET /api/autoscaler/status`.
enum AutoscalerRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] { [detection(cluster), status(cluster)] }

    private static let notKnown = Route.Answer(
        503,
        "The cluster has not been read yet.",
        json: ErrorBody.self
    )

    private static func detection(_ cluster: ClusterAccess) -> Route {
        Route(
            .get,
            "/api/autoscaler/detection",
            access: .viewer,
            documentation: .init(
                operationID: "detectAutoscaler",
                summary: "Find out what makes the cluster larger and smaller",
                tag: "Autoscaler",
                answers: [
                    .init(200, "What was found.", json: AutoscalerDetectionBody.self), notKnown,
                ]
            ),
            handler: .immediate { _, response in
                let autoscaler = cluster.autoscaler
                try response.add(ageOf: autoscaler?.states ?? [], "nodes and their autoscaler", in: cluster)
                guard let autoscaler else { return }
                response.setJSON(AutoscalerDetectionBody(found: autoscaler.detection(at: .now())))
            }
        )
    }

    private static func status(_ cluster: ClusterAccess) -> Route {
        Route(
            .get,
            "/api/autoscaler/status",
            access: .viewer,
            documentation: .init(
                operationID: "getAutoscalerStatus",
                summary: "Show how the autoscaler stands, by its own account",
                tag: "Autoscaler",
                answers: [
                    .init(200, "What it says of itself.", json: AutoscalerStatusBody.self),
                    .init(404, "No autoscaler gives an account of itself.", json: ErrorBody.self), notKnown,
                ]
            ),
            handler: .immediate { _, response in
                let autoscaler = cluster.autoscaler
                try response.add(ageOf: autoscaler?.states ?? [], "nodes and their autoscaler", in: cluster)
                guard let status = autoscaler?.status() else {
                    throw HTTPError(
                        .notFound,
                        code: "NOT_FOUND",
                        message: "Autoscaler status not available"
                    )
                }
                response.setJSON(AutoscalerStatusBody(status: status))
            }
        )
    }
}

/// The answer of `GET /api/autoscaler/detection`.
struct AutoscalerDetectionBody: JSONObject {
    let found: AutoscalerDetection

    static let schemaName = "AutoscalerDetection"
    static let fields: [JSONField<AutoscalerDetectionBody>] = [
        .init("type", "What kind of autoscaler it is", example: "cluster-autoscaler") {
            $0.found.kind.rawValue
        }
        .schema(.enumeration(AutoscalerDetection.Kind.allCases.map(\.rawValue))),
        .init("detected", "Whether there is one") { $0.found.isDetected },
        .init("healthy", "Whether it works, as far as that can be seen") { $0.found.isHealthy },
        .init("message", "The matter in a sentence", example: "No cluster autoscaler detected") {
            $0.found.message
        },
        .init("nodeGroupCount", "How many groups of nodes it cares for; absent where not known", example: 2) {
            $0.found.groupCount
        },
    ]
}

/// The answer of `GET /api/autoscaler/status`.
struct AutoscalerStatusBody: JSONObject {
    let status: AutoscalerStatus

    static let schemaName = "AutoscalerStatus"
    static let fields: [JSONField<AutoscalerStatusBody>] = [
        .init("health", "How the whole cluster stands", example: "Healthy") { $0.status.health },
        .init("lastUpdateTime", "When the autoscaler said so; absent where it does not say") {
            $0.status.time
        },
        .init("nodeGroups", "The groups of nodes that it cares for") {
            $0.status.groups.map(ScaledNodeGroupBody.init)
        },
    ]
}

/// A group of nodes that an autoscaler cares for.
struct ScaledNodeGroupBody: JSONObject {
    let group: ScaledNodeGroup

    static let schemaName = "ScaledNodeGroup"
    static let fields: [JSONField<ScaledNodeGroupBody>] = [
        .init("name", "Its name", example: "gpu-pool") { $0.group.name },
        .init("minSize", "The fewest nodes that it may have", example: 0) { $0.group.minimum },
        .init("maxSize", "The most nodes that it may have; absent where nothing bounds it", example: 8) {
            $0.group.maximum
        },
        .init("currentSize", "How many nodes it has, those on their way included", example: 3) {
            $0.group.current
        },
    ]
}
