import HTTPServer
import HTTPTypes
import JSON

/// `GET /metrics`, in Prometheus' text exposition format 0.0.4.
enum MetricsRoute {
    /// - Parameter render: writes the page; it may read `/proc`, so it runs off the event loop.
    static func route(render: @escaping @Sendable () -> [UInt8]) -> Route {
        Route(
            .get,
            "/metrics",
            access: .viewer,
            documentation: .init(
                operationID: "getMetrics",
                summary: "The server's metrics for Prometheus",
                tag: "Operations",
                answers: [
                    .init(
                        200,
                        "The metrics, in text exposition format.",
                        mediaType: "text/plain",
                        schema: .string()
                    )
                ]
            ),
            handler: .asynchronous { _ in
                Response(contentType: .prometheus, body: .bytes(render()))
            }
        )
    }
}
