import HTTPServer
import HTTPTypes
import JSON
import Telemetry

/// `GET /health`, `GET /livez` and `GET /readyz`, for smoke tests, load balancers and the kubelet.
enum ProbeRoutes {
    static func routes(build: BuildInformation, checks: [HealthCheck]) -> [Route] {
        [
            Route(
                .get,
                "/health",
                access: .anyone,
                documentation: .init(
                    operationID: "getSmokeHealth",
                    summary: "Tell whether the server answers, and which version does",
                    tag: "Operations",
                    answers: [.init(200, "The server answers.", json: SmokeHealth.self)]
                ),
                handler: .immediate { _, response in
                    response.setJSON(SmokeHealth(timestamp: .now(), version: build.version))
                }
            ),
            Route(
                .get,
                "/livez",
                access: .anyone,
                documentation: .init(
                    operationID: "getLiveness",
                    summary: "Tell whether the process works; if this fails, restart it",
                    tag: "Operations",
                    answers: [.init(200, "The process works.", json: Liveness.self)]
                ),
                handler: .immediate { _, response in
                    response.setJSON(Liveness())
                }
            ),
            Route(
                .get,
                "/readyz",
                access: .anyone,
                documentation: .init(
                    operationID: "getReadiness",
                    summary: "Tell whether the server should be sent requests, check by check",
                    tag: "Operations",
                    answers: [
                        .init(200, "Every check passes.", json: Readiness.self),
                        .init(503, "Some check fails.", json: Readiness.self),
                    ]
                ),
                handler: .asynchronous { _ in
                    await readiness(checks)
                }
            ),
        ]
    }

    private static func readiness(_ checks: [HealthCheck]) async -> Response {
        let results = await withTaskGroup(of: (Int, Readiness.Result).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, Readiness.Result(name: check.name, problem: await check.run())) }
            }
            var results: [(Int, Readiness.Result)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
        let isReady = results.allSatisfy { $0.problem == nil }
        return Response(status: isReady ? .ok : .serviceUnavailable, json: Readiness(results: results))
    }
}

/// The answer of `GET /health`.
struct SmokeHealth: JSONObject {
    let timestamp: Timestamp
    let version: String

    static let schemaName = "SmokeHealth"
    static let fields: [JSONField<SmokeHealth>] = [
        .init("status", "`healthy`", example: "healthy") { _ in "healthy" },
        .init("timestamp", "The server's time", example: "2026-01-15T10:30:00.000Z") { $0.timestamp },
        .init("version", "The server's version", example: "v0.1.0") { $0.version },
    ]
}

/// The answer of `GET /livez`.
struct Liveness: JSONObject {
    static let schemaName = "Liveness"
    static let fields: [JSONField<Liveness>] = [
        .init("status", "`alive`", example: "alive") { _ in "alive" }
    ]
}

/// The answer of `GET /readyz`.
struct Readiness: JSONObject {
    struct Result: JSONObject {
        let name: String
        let problem: String?

        static let schemaName = "ReadinessCheck"
        static let fields: [JSONField<Result>] = [
            .init("name", "What was checked", example: "data-directory") { $0.name },
            .init("status", "`ok` or `failed`", example: "ok") { $0.problem == nil ? "ok" : "failed" },
            .init("message", "What is wrong, when something is", example: "read-only file system") {
                $0.problem
            },
        ]
    }

    let results: [Result]

    static let schemaName = "Readiness"
    static let fields: [JSONField<Readiness>] = [
        .init("status", "`ready` or `not ready`", example: "ready") { readiness in
            readiness.results.allSatisfy { $0.problem == nil } ? "ready" : "not ready"
        },
        .init("checks", "Each check with its outcome") { $0.results },
    ]
}
