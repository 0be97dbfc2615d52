import HTTPServer
import Testing

/// How slowly a body may come, and how much of all bodies is held.
@Suite(.timeLimit(.minutes(10)))
struct BodyLimitTests {
    @Test(arguments: [
        ("Content-Length: 5", ["", "h", "hell"]),
        ("Transfer-Encoding: chunked", ["", "3", "3\r\nab", "3\r\nabc\r\n", "0\r\n", "0\r\nX-A: b\r\n"]),
    ])
    func `a body that stalls gets 408`(_ framing: String, _ parts: [String]) async throws {
        try await withServer { settings in
            settings.limits.bodyIdleTimeout = .milliseconds(50)
        } _: { server async throws in
            for part in parts {
                let client = try server.connect()
                let request = Requests.request("POST", "/bytes", [framing])
                try client.send(request + part)
                let response = try client.readResponse()
                #expect(response.status == 408)
                #expect(response.code == "REQUEST_TIMEOUT")
                #expect(response.isJSONError)
                try client.send(Requests.text)
                #expect(try client.isClosedByPeer)
                #expect(server.probes.bodies.value == 0)
            }
        }
    }

    @Test func `while the buffers are full, requests get 503`() async throws {
        try await withServer { settings in
            settings.limits.bufferedMemory = 1000
        } _: { server async throws in
            let holder = try server.connect()
            try holder.send(
                Requests.request("POST", "/bytes", ["Content-Length: 3000"])
                    + String(repeating: "a", count: 1500)
            )
            try eventually {
                let response = try server.answer(to: Requests.request("POST", "/bytes", body: "b"))
                if response.status == 503 { #expect(response["retry-after"] == "1" && response.isJSONError) }
                return response.status == 503
            }
            #expect(try server.answer(to: Requests.text).status == 503)
            holder.reset()
            try eventually { try server.isServing() }
        }
    }
}
