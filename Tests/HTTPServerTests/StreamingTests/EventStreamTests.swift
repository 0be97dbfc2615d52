import Testing

/// Server-sent events as a browser receives them, WHATWG HTML §9.2.
@Suite(.timeLimit(.minutes(10)))
struct EventStreamTests {
    @Test func `events have ids, types, lines of data and the time to retry`() async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get("/events", "Accept: text/event-stream"))
            #expect(response["content-type"] == "text/event-stream; charset=utf-8")
            #expect(response["cache-control"] == "no-store")
            #expect(
                response.text
                    == "id: 1\nevent: greeting\nretry: 3000\ndata: hello\ndata: world\n\ndata: \n\n"
            )
        }
    }

    @Test func `a comment is sent again and again while nothing happens`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/heartbeats") + Requests.text)
            _ = try client.read(until: "\r\n\r\n")
            _ = try client.read(until: "d\r\ndata: first\n\n\r\n")
            for _ in 0..<3 { #expect(try client.read(8) == Array("3\r\n:\n\n\r\n".utf8)) }
            server.probes.gate.open()
            _ = try client.read(until: "data: second\n\n\r\n")
            // More comments may go out before the producer has ended.
            _ = try client.read(until: "0\r\n\r\n")
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test func `a browser that goes away ends the stream`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/heartbeats"))
            _ = try client.read(until: "data: first\n\n\r\n")
            client.close()
            try server.probes.endedStreams.wait(for: 1)
            #expect(try server.isServing())
        }
    }
}
