import HTTPServer
import IngotConfiguration
import Logging
import Metrics
import Telemetry

/// Where logs and metrics of the process go.
struct TelemetryPipeline: Sendable {
    let writer: LogWriter
    let threshold: LogThreshold
    let logger: Logger
    let registry: PrometheusRegistry

    /// Makes swift-log and swift-metrics write to standard error and to `GET /metrics`. May be called once in a process.
    init(_ log: ServeConfiguration.Log) {
        let writer = LogWriter(fileDescriptor: 2, format: log.format == .json ? .json : .text)
        let threshold = LogThreshold(log.level)
        self.writer = writer
        self.threshold = threshold
        LoggingSystem.bootstrap { StructuredLogHandler(label: $0, writer: writer, threshold: threshold) }
        logger = Logger(label: "ingot")
        registry = PrometheusRegistry(logger: logger)
        MetricsSystem.bootstrap(PrometheusMetricsFactory(registry: registry))
        describe()
        ProcessStatistics.register(in: registry)
        Build.information.register(in: registry)
    }

    /// The page of `GET /metrics`.
    func render() -> [UInt8] {
        var page: [UInt8] = []
        registry.write(into: &page)
        return page
    }

    /// For libraries whose progress reports would only repeat ours.
    var quietLogger: Logger {
        var logger = Logger(label: "ingot.lifecycle")
        logger.logLevel = .error
        return logger
    }

    private func describe() {
        for (name, help) in [
            ("http_requests_total", "Requests answered, by route, method and status."),
            (
                "http_request_duration_seconds",
                "Time from a request's head to its answer, by route and method."
            ),
            ("http_requests_in_flight", "Requests whose answers are being made off the event loops."),
            ("http_connections", "Open connections."),
            ("http_connections_total", "Connections since the start, accepted or turned away."),
            ("http_received_bytes_total", "Bytes received."),
            ("http_sent_bytes_total", "Bytes sent."),
            ("http_truncated_requests_total", "Requests that clients broke off in the middle."),
            ("http_tls_handshakes_total", "TLS handshakes of clients, by result."),
            ("http_tls_failures_total", "TLS connections that ended with an error after their handshake."),
            ("http_client_requests_total", "Requests sent, by destination, method and result."),
            (
                "http_client_request_duration_seconds",
                "Time from a request until its answer is complete, by destination and method."
            ),
            ("http_client_requests_in_flight", "Requests sent and not yet ended, by destination."),
        ] {
            registry.describe(name, help)
        }
    }
}
