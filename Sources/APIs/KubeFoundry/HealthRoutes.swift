import HTTPServer
import HTTPTypes
import JSON
import Telemetry

/// `GET /api/health` and `GET /api/health/version`.
enum HealthRoutes {
    static func routes(build: BuildInformation) -> [Route] {
        [
            Route(
                .get,
                "/api/health",
                access: .anyone,
                documentation: .init(
                    operationID: "getHealth",
                    summary: "Tell whether the server answers",
                    description: "Needs neither the cluster nor the disk, so it is fit for frequent calls.",
                    tag: "Health",
                    answers: [.init(200, "The server answers.", json: Health.self)]
                ),
                handler: .immediate { _, response in
                    response.setJSON(Health(timestamp: .now()))
                }
            ),
            Route(
                .get,
                "/api/health/version",
                access: .anyone,
                documentation: .init(
                    operationID: "getVersion",
                    summary: "Tell which build of the server this is",
                    tag: "Health",
                    answers: [.init(200, "The build.", json: Version.self)]
                ),
                handler: .immediate { _, response in
                    response.setJSON(Version(build: build))
                }
            ),
        ]
    }
}

/// The answer of `GET /api/health`.
struct Health: JSONObject {
    let timestamp: Timestamp

    static let schemaName = "Health"
    static let fields: [JSONField<Health>] = [
        .init("status", "`healthy`; a server that is not does not answer", example: "healthy") { _ in
            "healthy"
        },
        .init("timestamp", "The server's time", example: "2026-01-15T10:30:00.000Z") { $0.timestamp },
    ]
}

/// The answer of `GET /api/health/version`.
struct Version: JSONObject {
    let build: BuildInformation

    static let schemaName = "Version"
    static let fields: [JSONField<Version>] = [
        .init("version", "The version", example: "v0.1.0") { $0.build.version },
        .init("buildTime", "When it was built", example: "2026-01-15T10:00:00.000Z") { $0.build.buildTime },
        .init("gitCommit", "The commit that it was built from, or `unknown`", example: "abc1234") { version in
            version.build.gitCommit
        },
    ]
}
