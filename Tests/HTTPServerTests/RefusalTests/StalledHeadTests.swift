import HTTPServer
import Testing

/// Heads that do not come in time.
@Suite(.timeLimit(.minutes(10)))
struct StalledHeadTests {
    private static let timeout = Duration.milliseconds(50)

    /// Sends the beginning of a head and reads `count` answers. A connection on which not even the first byte came in time is
    /// closed without an answer. That happens to a test that is kept from running, or whose handshake takes long; it tries
    /// again, with more time.
    private static func answers(
        _ count: Int,
        to start: String,
        _ server: TestServer
    ) throws -> (RawClient, [ReceivedResponse]) {
        var settings = ServerSettings.patient
        settings.limits.headTimeout = timeout
        while true {
            let client = try server.connect()
            try client.send(start)
            guard try client.isClosedByPeer else {
                return (client, try (0..<count).map { _ in try client.readResponse() })
            }
            settings.limits.headTimeout *= 2
            try #require(settings.limits.headTimeout < .seconds(Patience.seconds), "nothing was answered")
            server.server.apply(settings)
        }
    }

    @Test(arguments: ["G", "GET /text HTTP/1.1\r\n", "GET /text HTTP/1.1\r\nHost: localhost\r\n", "\r\nGE"])
    func `a head that stalls gets 408`(_ start: String) async throws {
        try await withServer { settings in
            settings.limits.headTimeout = Self.timeout
        } _: { server async throws in
            let (client, responses) = try Self.answers(1, to: start, server)
            #expect(responses.map(\.status) == [408])
            #expect(responses.map(\.code) == ["REQUEST_TIMEOUT"])
            #expect(responses.allSatisfy { $0.isJSONError })
            try client.send(Requests.text)
            #expect(try client.isClosedByPeer, "nothing may follow a refusal")
        }
    }

    @Test func `a second head that stalls gets 408 after the first request's answer`() async throws {
        try await withServer { settings in
            settings.limits.headTimeout = Self.timeout
        } _: { server async throws in
            let (client, responses) = try Self.answers(2, to: Requests.text + "GET /text HTT", server)
            #expect(responses.map(\.status) == [200, 408])
            #expect(try client.isClosedByPeer)
        }
    }
}
