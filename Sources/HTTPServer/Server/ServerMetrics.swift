import Metrics
import Synchronization

/// What a server tells of itself through swift-metrics.
final class ServerMetrics: Sendable {
    let requestsInFlight = Atomic<Int>(0)
    private let openConnections = Atomic<Int>(0)
    private let connections: Gauge
    private let inFlight: Gauge
    private let accepted = Counter(label: "http_connections_total", dimensions: [("result", "accepted")])
    private let turnedAway = Counter(label: "http_connections_total", dimensions: [("result", "turned_away")])
    let bytesReceived = Counter(label: "http_received_bytes_total")
    let bytesSent = Counter(label: "http_sent_bytes_total")
    let tlsHandshakes = Counter(label: "http_tls_handshakes_total", dimensions: [("result", "completed")])
    let failedTLSHandshakes = Counter(label: "http_tls_handshakes_total", dimensions: [("result", "failed")])
    let plainRequestsToTLS = Counter(
        label: "http_tls_handshakes_total",
        dimensions: [("result", "plain_http")]
    )
    let tlsFailures = Counter(label: "http_tls_failures_total")
    let truncated = Counter(label: "http_truncated_requests_total")

    init() {
        connections = Gauge(label: "http_connections")
        inFlight = Gauge(label: "http_requests_in_flight")
        connections.record(0)
        inFlight.record(0)
    }

    func connectionTurnedAway() {
        turnedAway.increment()
    }

    func connectionOpened() {
        accepted.increment()
        connections.record(openConnections.add(1, ordering: .relaxed).newValue)
    }

    func connectionClosed() {
        connections.record(openConnections.subtract(1, ordering: .relaxed).newValue)
    }

    func requestBegan() {
        inFlight.record(requestsInFlight.add(1, ordering: .relaxed).newValue)
    }

    func requestEnded() {
        inFlight.record(requestsInFlight.subtract(1, ordering: .relaxed).newValue)
    }
}
