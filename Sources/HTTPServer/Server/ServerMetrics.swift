import Metrics

/// What a server tells of itself through swift-metrics.
final class ServerMetrics: Sendable {
    // Not set but counted up and down: of two loops that have each counted one more, the slower would set the number that is past.
    private let connections = Meter(label: "http_connections")
    private let inFlight = Meter(label: "http_requests_in_flight")
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
        // They are there from the beginning.
        connections.increment(by: 0)
        inFlight.increment(by: 0)
    }

    func connectionTurnedAway() {
        turnedAway.increment()
    }

    func connectionOpened() {
        accepted.increment()
        connections.increment()
    }

    func connectionClosed() {
        connections.decrement()
    }

    func requestBegan() {
        inFlight.increment()
    }

    func requestEnded() {
        inFlight.decrement()
    }
}
