import ControlPlane
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import Runtimes

/// `GET /api/runtimes/status`.
enum RuntimeRoutes {
    static func routes(cluster: ClusterAccess) -> [Route] {
        [
            Route(
                .get,
                "/api/runtimes/status",
                access: .viewer,
                documentation: .init(
                    operationID: "getRuntimesStatus",
                    summary: "Tell which runtimes are installed and can serve",
                    tag: "Runtimes",
                    answers: [
                        .init(200, "Every runtime.", json: RuntimeList.self),
                        .init(503, "The cluster has not been read yet.", json: ErrorBody.self),
                    ]
                ),
                handler: .immediate { _, response in
                    guard let caches = cluster.caches, let runtimes = RuntimeStanding.all(caches) else {
                        let problem = cluster.problem(at: .now()) ?? "the cluster has not been read yet"
                        throw HTTPError.clusterUnavailable("the runtimes are not known: \(problem)")
                    }
                    let states = [caches.definitions.state, caches.pods.state].filter(\.isSynced)
                    if !states.isEmpty { try response.add(ageOf: states, "runtimes", in: cluster) }
                    response.setJSON(RuntimeList(runtimes: runtimes))
                }
            )
        ]
    }
}

/// The answer of `GET /api/runtimes/status`.
struct RuntimeList: JSONObject {
    let runtimes: [RuntimeStanding]

    static let schemaName = "Runtimes"
    static let fields: [JSONField<RuntimeList>] = [
        .init("runtimes", "Every runtime, installed or not") { $0.runtimes.map(RuntimeBody.init) }
    ]
}

/// How a runtime stands.
struct RuntimeBody: JSONObject {
    let standing: RuntimeStanding

    static let schemaName = "Runtime"
    static let fields: [JSONField<RuntimeBody>] = [
        .init("id", "The id", example: "dynamo") { $0.standing.runtime.rawValue }
            .schema(.enumeration(RuntimeID.allCases.map(\.rawValue))),
        .init("name", "The name", example: "NVIDIA Dynamo") { $0.standing.name },
        .init("installed", "Whether its custom resources are defined, or it needs none") {
            $0.standing.isInstalled
        },
        .init("healthy", "Whether deployments can be made: its operator is ready too, or it needs none") {
            $0.standing.isHealthy
        },
        .init("version", "The version of its operator; absent where nothing tells it", example: "1.5.1") {
            $0.standing.version
        },
        .init("message", "The matter in a sentence", example: "Dynamo is installed and running") {
            $0.standing.message
        },
    ]
}
