import Testing

/// Good requests, however their bytes arrive.
@Suite(.timeLimit(.minutes(10)))
struct SplitTests {
    struct Served: Sendable, CustomTestStringConvertible {
        let name: String
        let request: String
        let body: String

        var testDescription: String { name }
    }

    static let served: [Served] = [
        Served(name: "without fields", request: Requests.text, body: "hello"),
        Served(
            name: "with fields",
            request: Requests.get("/text?a=b", "Accept: */*", "X-A:b", "X-B:\t c \t", "X-Empty:"),
            body: "hello"
        ),
        Served(name: "absolute form", request: Requests.get("SCHEME://127.0.0.1:PORT/text"), body: "hello"),
        Served(name: "empty lines first", request: "\r\n\r\n" + Requests.text, body: "hello"),
        Served(name: "asynchronous", request: Requests.slow, body: "hello, later"),
        Served(
            name: "with a length",
            request: Requests.request("POST", "/bytes", body: "12345"),
            body: "12345"
        ),
        Served(
            name: "with a length, asynchronous",
            request: Requests.request("POST", "/async-bytes", body: "12345"),
            body: "12345"
        ),
        Served(
            name: "chunked",
            request: Requests.chunked("/bytes", "3\r\nabc\r\nA\r\ndefghijklm\r\n0\r\n\r\n"),
            body: "abcdefghijklm"
        ),
        Served(
            name: "chunked with extensions and trailers",
            request: Requests.chunked(
                "/bytes",
                "3;a=b\r\nabc\r\n00004 ; x=\"y;z\"\r\ndefg\r\n0;last\r\nX-A: b\r\nX-B:\r\n\r\n"
            ),
            body: "abcdefg"
        ),
        Served(name: "chunked and empty", request: Requests.chunked("/bytes", "0\r\n\r\n"), body: ""),
    ]

    @Test(arguments: served)
    func `a request split anywhere gets exactly one answer`(_ served: Served) async throws {
        try await withServer { server async throws in
            let request = served.request.replacing("PORT", with: String(server.port))
                .replacing("SCHEME", with: server.scheme)
            let bytes = Array(request.utf8)
            for split in 1..<bytes.count {
                try expectOneAnswer(served.body, server) { client in
                    try client.send(bytes[..<split])
                    try client.send(bytes[split...])
                }
            }
            try expectOneAnswer(served.body, server) { try $0.sendByteByByte(bytes) }
        }
    }

    private func expectOneAnswer(
        _ body: String,
        _ server: TestServer,
        send: (RawClient) throws -> Void
    ) throws {
        let client = try server.connect()
        try send(client)
        let response = try client.readResponse()
        client.shutdownWrite()
        let isClosed = try client.isClosedByPeer
        #expect(response.status == 200 && response.text == body && isClosed, "\(response) \(isClosed)")
    }

    @Test func `a body that comes in many pieces arrives whole`() async throws {
        try await withServer { server async throws in
            let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let client = try server.connect()
            try client.send(Requests.request("POST", "/bytes", ["Content-Length: \(body.count)"]))
            var start = 0
            for size in [1, 2, 3, 1000, 65_536, 65_537, 50_000] {
                try client.send(body[start..<(start + size)])
                start += size
            }
            try client.send(body[start...])
            #expect(try client.readResponse().body == body)
        }
    }
}
