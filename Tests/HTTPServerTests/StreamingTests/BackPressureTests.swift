import HTTPServer
import Testing

/// Clients that do not read, and clients that go away.
@Suite(.timeLimit(.minutes(10)))
struct BackPressureTests {
    @Test func `a client that stops reading stops the producer, and is given up in the end`() async throws {
        try await withServer { settings in
            settings.limits.writeTimeout = .milliseconds(200)
        } _: { server async throws in
            let client = try server.connect(receiveBuffer: 64 * 1024)
            try client.send(Requests.get("/endless"))
            try server.probes.endedStreams.wait(for: 1)
            // What the system's buffers and the server's take; without back-pressure it would be far more by now.
            #expect(server.probes.chunks.value * TestRoutes.chunk.count < 16 << 20)
            #expect(try client.readToEnd().count < 16 << 20)
            #expect(try server.isServing())
        }
    }

    @Test func `a client that reads on gets on`() async throws {
        try await withServer { server async throws in
            let client = try server.connect(receiveBuffer: 64 * 1024)
            try client.send(Requests.get("/endless"))
            try server.probes.chunks.wait(for: 4)
            _ = try client.read(until: "\r\n\r\n")
            // More than all buffers on the way hold, so the producer must have been let on.
            for _ in 0..<2048 {
                #expect(try client.read(until: "\r\n") == "4000")
                #expect(try client.read(TestRoutes.chunk.count + 2).count == TestRoutes.chunk.count + 2)
            }
            client.reset()
            try server.probes.endedStreams.wait(for: 1)
        }
    }

    @Test func `the answers of a client that stops reading are given up`() async throws {
        try await withServer { settings in
            settings.limits.writeTimeout = .milliseconds(100)
            settings.limits.connections = 1
        } _: { server async throws in
            let client = try server.connect(receiveBuffer: 64 * 1024)
            try client.send(String(repeating: Requests.get("/large"), count: 32))
            // The only connection there may be becomes free when the server gives it up.
            try eventually { try server.isServing() }
            let received = try client.readToEnd()
            #expect(received.count < 32 * TestRoutes.large.count)
        }
    }

    @Test(arguments: ["/gated", "/held"])
    func `a client that goes away cancels what is made for it`(_ target: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get(target))
            try server.probes.gate.arrived.wait(for: 1)
            client.reset()
            try server.probes.gate.cancelled.wait(for: 1)
            #expect(try server.isServing())
        }
    }

    @Test func `a client that has sent ahead and goes away cancels too`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            // So much that the server has stopped reading and cannot see the end of the stream.
            _ = client.sendUntilBlocked(Array(Requests.text.utf8), limit: 64 << 20)
            client.reset()
            try server.probes.gate.cancelled.wait(for: 1)
            #expect(try server.isServing())
        }
    }

    @Test func `a client that closes in the middle of a stream ends its producer`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/endless"))
            try server.probes.chunks.wait(for: 1)
            client.close()
            try server.probes.endedStreams.wait(for: 1)
            #expect(try server.isServing())
        }
    }
}
