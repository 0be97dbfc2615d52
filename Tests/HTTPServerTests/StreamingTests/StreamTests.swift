import Testing

/// Answers that are made while they are sent.
@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
    @Test(arguments: [0, 1, 2, 1000])
    func `chunks arrive in order, and the connection stays usable`(_ count: Int) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/stream/\(count)") + Requests.text)
            let response = try client.readResponse()
            #expect(response["transfer-encoding"] == "chunked")
            #expect(response["content-length"] == nil)
            #expect(response.text == (0..<count).map { "chunk \($0)\n" }.joined())
            #expect(response.trailers.isEmpty)
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test func `a stream may come from a handler on the loop`() async throws {
        try await withServer { server async throws in
            #expect(try server.answer(to: Requests.get("/stream-now")).body == TestRoutes.text)
        }
    }

    @Test func `trailers follow the last chunk`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/trailers") + Requests.text)
            let response = try client.readResponse()
            #expect(response.body == TestRoutes.text)
            #expect(
                response.trailers == [
                    .init(name: "x-checksum", value: "5"), .init(name: "x-count", value: "5"),
                ]
            )
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test(arguments: ["/stream/3", "/trailers"])
    func `an HTTP/1.0 stream ends with the connection`(_ target: String) async throws {
        try await withServer { server async throws in
            let whole = try server.answer(to: Requests.get(target))
            for field in ["X-A: b", "Connection: keep-alive"] {
                let client = try server.connect()
                try client.send("GET \(target) HTTP/1.0\r\n\(field)\r\n\r\n")
                let response = try client.readResponse()
                #expect(response["transfer-encoding"] == nil)
                #expect(response["content-length"] == nil)
                #expect(response["connection"] == "close")
                #expect(response.body == whole.body, "and no trailers in it")
            }
        }
    }

    @Test func `a stream of known length has that length, however much is written`() async throws {
        try await withServer { server async throws in
            for written in [5, 9] {
                let client = try server.connect()
                try client.send(Requests.get("/sized/\(written)") + Requests.text)
                let response = try client.readResponse()
                #expect(response["content-length"] == "5")
                #expect(response["transfer-encoding"] == nil)
                #expect(response.text == "sssss")
                #expect(try client.readResponse().body == TestRoutes.text)
            }
        }
    }

    @Test(arguments: ["/sized/3", "/broken"])
    func `a stream that breaks off is not given an end`(_ target: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get(target) + Requests.text)
            let received = String(decoding: try client.readToEnd(), as: UTF8.self)
            let isSized = received.contains("Content-Length: 5\r\n")
            #expect(received.hasSuffix(isSized ? "\r\n\r\nsss" : "\r\n\r\n5\r\nhello\r\n"))
            #expect(received.split(separator: "HTTP/1.1 ").count == 1)
            #expect(try server.isServing())
        }
    }

    @Test func `what was written is sent while the rest is being made`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/held"))
            _ = try client.read(until: "\r\n\r\n")
            #expect(try client.read(10) == Array("5\r\nhello\r\n".utf8))
            #expect(try server.isServing())
            server.probes.gate.open()
            #expect(try client.read(15) == Array("5\r\nhello\r\n0\r\n\r\n".utf8))
        }
    }

    @Test func `HEAD does not run the producer`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.request("HEAD", "/endless") + Requests.text)
            #expect(try client.readResponse(isHead: true)["transfer-encoding"] == "chunked")
            #expect(try client.readResponse().body == TestRoutes.text)
            #expect(server.probes.chunks.value == 0)
        }
    }
}
