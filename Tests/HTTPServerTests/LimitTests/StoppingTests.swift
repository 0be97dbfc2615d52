import Glibc
import HTTPServer
import Testing

/// The end of a server.
@Suite(.timeLimit(.minutes(10)))
struct StoppingTests {
    @Test func `a request in progress is answered, its connection closed, and then the server has stopped`()
        async throws
    {
        try await withServer { settings in
            settings.gracePeriod = .seconds(Patience.seconds)
        } _: { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            async let stopped: Void = server.server.stop()
            try eventually { try Self.isRefused(server) }
            #expect(server.server.isStopping)
            server.probes.gate.open()
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response["connection"] == "close")
            #expect(try client.isClosedByPeer)
            client.close()
            await stopped
        }
    }

    /// Whether nobody listens any more; that a client has run out of ports, say, is another matter.
    private static func isRefused(_ server: TestServer) throws -> Bool {
        do {
            _ = try server.connect()
            return false
        } catch let failure as RawClient.SocketFailure {
            return failure.code == ECONNREFUSED
        }
    }

    @Test func `a request that arrives on an open connection is still answered`() async throws {
        // A client that is kept from running for the second that an idle connection is left comes too late. Then another tries.
        let answered = Tally()
        for _ in 0..<20 where answered.value == 0 {
            try await withServer { settings in
                settings.gracePeriod = .seconds(Patience.seconds)
            } _: { server async throws in
                if try await Self.isAnsweredWhileStopping(server) { answered.add() }
            }
        }
        #expect(answered.value == 1)
    }

    /// Asks again and again while the server stops; false when the connection was closed before that was noticed.
    private static func isAnsweredWhileStopping(_ server: TestServer) async throws -> Bool {
        let client = try server.connect()
        try client.send(Requests.text)
        #expect(try client.readResponse().status == 200)
        async let stopped: Void = server.server.stop()
        var isLast = false
        while !isLast {
            try client.send(Requests.text)
            guard try !client.isClosedByPeer else { return false }
            let response = try client.readResponse()
            #expect(response.status == 200)
            isLast = response["connection"] == "close"
        }
        #expect(server.server.isStopping)
        #expect(try client.isClosedByPeer)
        client.close()
        await stopped
        return true
    }

    @Test func `what does not end within the grace period is cut and cancelled`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            await server.server.stop()
            try server.probes.gate.cancelled.wait(for: 1)
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `a stream that only waits for events ends as a whole`() async throws {
        try await withServer { settings in
            settings.gracePeriod = .seconds(Patience.seconds)
        } _: { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/heartbeats"))
            _ = try client.read(until: "data: first\n\n\r\n")
            async let stopped: Void = server.server.stop()
            _ = try client.read(until: "0\r\n\r\n")
            #expect(try client.isClosedByPeer)
            client.close()
            await stopped
            try server.probes.endedStreams.wait(for: 1)
        }
    }
}
