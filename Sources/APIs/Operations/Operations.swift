import HTTPServer
import JSON
import Telemetry

/// What a server needs to be run: probes, metrics and its own description.
enum Operations {
    static func surface(
        build: BuildInformation,
        checks: [HealthCheck],
        metrics: @escaping @Sendable () -> [UInt8],
        openAPI: OpenAPIRoute.Page
    ) -> Surface {
        Surface(
            name: "Operations",
            routes: ProbeRoutes.routes(build: build, checks: checks)
                + [MetricsRoute.route(render: metrics), OpenAPIRoute.route(openAPI)],
            errorSchema: ErrorBody.jsonSchema,
            renderError: { failure, requestID, response in
                response.setJSON(ErrorBody(failure, requestID: requestID))
            }
        )
    }
}
