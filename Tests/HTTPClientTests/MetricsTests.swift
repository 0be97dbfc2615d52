import HTTPClient
import HTTPTypes
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(10))) struct MetricsTests {
    @Test func requestsAreCountedByDestinationMethodAndResult() async throws {
        let registry = PrometheusRegistry()
        var configuration = HTTPClientConfiguration()
        configuration.metrics = PrometheusMetricsFactory(registry: registry)
        let answering = try RawServer(answer: "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx")
        let closed = try ClosedPort()
        let silent = try RawServer { $0.readToEnd() }
        try await withClient(configuration) { client in
            for _ in 0..<3 { _ = try await client.fetch(HTTPClientRequest(url: answering.url)) }
            var named = HTTPClientRequest(method: .post, url: answering.url)
            named.destination = "registry"
            _ = try await client.fetch(named)
            _ = await failure {
                try await client.fetch(HTTPClientRequest(url: "http://127.0.0.1:\(closed.port)/"))
            }
            let waiting = Task { try await client.fetch(HTTPClientRequest(url: silent.url)) }
            await silent.connections.wait()
            let during = Self.text(registry)
            #expect(
                during.contains(
                    "http_client_requests_in_flight{destination=\"127.0.0.1:\(silent.port)\"} 1\n"
                )
            )
            waiting.cancel()
            _ = await failure { try await waiting.value }
        }
        let text = Self.text(registry)
        let host = "127.0.0.1:\(answering.port)"
        for line in [
            "http_client_requests_total{destination=\"\(host)\",method=\"GET\",result=\"2xx\"} 3",
            "http_client_requests_total{destination=\"registry\",method=\"POST\",result=\"2xx\"} 1",
            "http_client_requests_total{destination=\"127.0.0.1:\(closed.port)\",method=\"GET\",result=\"connect\"} 1",
            "http_client_requests_total{destination=\"127.0.0.1:\(silent.port)\",method=\"GET\",result=\"cancelled\"} 1",
            "http_client_request_duration_seconds_count{destination=\"\(host)\",method=\"GET\"} 3",
            "http_client_requests_in_flight{destination=\"\(host)\"} 0",
            "http_client_requests_in_flight{destination=\"127.0.0.1:\(silent.port)\"} 0",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test func destinationsBeyondTheBoundAreMeasuredTogether() async throws {
        let registry = PrometheusRegistry()
        var configuration = HTTPClientConfiguration()
        configuration.metrics = PrometheusMetricsFactory(registry: registry)
        let server = try RawServer(answer: "HTTP/1.1 204 No Content\r\n\r\n")
        try await withClient(configuration) { client in
            for number in 0..<300 {
                var request = HTTPClientRequest(url: server.url)
                request.destination = "host \(number)"
                _ = try await client.fetch(request)
            }
        }
        let text = Self.text(registry)
        #expect(
            text.contains(
                "http_client_requests_total{destination=\"other\",method=\"GET\",result=\"2xx\"} 44\n"
            )
        )
    }

    private static func text(_ registry: PrometheusRegistry) -> String {
        var bytes: [UInt8] = []
        registry.write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
