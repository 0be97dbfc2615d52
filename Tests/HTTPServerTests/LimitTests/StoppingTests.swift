import HTTPServer
import Testing

/// The end of a server.
@Suite(.timeLimit(.minutes(1)))
struct StoppingTests {
    @Test func `a request in progress is answered, its connection closed, and then the server has stopped`()
        async throws
    {
        try await withServer { settings in
            settings.gracePeriod = .seconds(20)
        } _: { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            async let stopped: Void = server.server.stop()
            try eventually { (try? server.connect()) == nil }
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

    @Test func `a request that arrives on an open connection is still answered`() async throws {
        try await withServer { settings in
            settings.gracePeriod = .seconds(20)
        } _: { server async throws in
            let client = try server.connect()
            try client.send(Requests.text)
            #expect(try client.readResponse().status == 200)
            async let stopped: Void = server.server.stop()
            try eventually {
                try client.send(Requests.text)
                let response = try client.readResponse()
                #expect(response.status == 200)
                return response["connection"] == "close"
            }
            #expect(server.server.isStopping)
            #expect(try client.isClosedByPeer)
            client.close()
            await stopped
        }
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
            settings.gracePeriod = .seconds(20)
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
