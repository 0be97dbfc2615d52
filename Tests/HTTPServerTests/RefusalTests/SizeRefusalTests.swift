import HTTPServer
import Testing

/// Requests that are refused for their size, at the limit and one past it.
@Suite(.timeLimit(.minutes(10)))
struct SizeRefusalTests {
    /// A GET whose target, `/text?aaa…`, has that many bytes.
    private static func target(of size: Int) -> String {
        Requests.get("/text?" + String(repeating: "a", count: size - 6))
    }

    /// A GET whose head has that many bytes.
    private static func head(of size: Int) -> String {
        let frame = Requests.get("/text", "X-Pad: ").utf8.count
        return Requests.get("/text", "X-Pad: " + String(repeating: "a", count: size - frame))
    }

    /// A GET with that many fields, Host included.
    private static func fields(_ count: Int) -> String {
        "GET /text HTTP/1.1\r\nHost: localhost\r\n"
            + (1..<count).map { "X-\($0): a\r\n" }.joined() + "\r\n"
    }

    @Test func `what just fits is served`() async throws {
        try await withServer { server async throws in
            for request in [Self.target(of: 8192), Self.head(of: 32768), Self.fields(100)] {
                #expect(try server.answer(to: request).status == 200)
            }
        }
    }

    static let refused: [RefusedRequest] = [
        .init("target of 8193 bytes", target(of: 8193), status: 414, code: "URI_TOO_LONG"),
        .init("target of 30000 bytes", target(of: 30000), status: 414, code: "URI_TOO_LONG"),
        .init("target of 100000 bytes", target(of: 100_000), status: 414, code: "URI_TOO_LONG"),
        .init(
            "target without an end",
            "GET /" + String(repeating: "a", count: 9000),
            status: 414,
            code: "URI_TOO_LONG"
        ),
        .init("method without an end", String(repeating: "M", count: 9000)),
        .init("head of 32769 bytes", head(of: 32769), status: 431, code: "HEADERS_TOO_LARGE"),
        .init("head of 100000 bytes", head(of: 100_000), status: 431, code: "HEADERS_TOO_LARGE"),
        .init("101 fields", fields(101), status: 431, code: "HEADERS_TOO_LARGE"),
        .init("300 fields", fields(300), status: 431, code: "HEADERS_TOO_LARGE"),
        .init(
            "trailer section over 8 KiB",
            Requests.chunked("/bytes", "0\r\nX-A: \(String(repeating: "a", count: 8192))\r\n\r\n"),
            status: 431,
            code: "HEADERS_TOO_LARGE"
        ),
        .init(
            "101 trailers",
            Requests.chunked("/bytes", "0\r\n" + String(repeating: "X-A: b\r\n", count: 101) + "\r\n"),
            status: 431,
            code: "HEADERS_TOO_LARGE"
        ),
        .init(
            "chunk extension over 4 KiB",
            Requests.chunked("/bytes", "5;\(String(repeating: "a", count: 4096))\r\nhello\r\n0\r\n\r\n")
        ),
        .init(
            "white space over 4 KiB after a chunk size",
            Requests.chunked("/bytes", "5\(String(repeating: " ", count: 4096));a\r\nhello\r\n0\r\n\r\n")
        ),
        .init(
            "chunk extensions over 4 KiB together",
            Requests.chunked("/bytes", String(repeating: "1;aaaaaaa\r\nx\r\n", count: 600) + "0\r\n\r\n")
        ),
    ]

    @Test(arguments: refused)
    func `what is too large gets one answer and the end of the connection`(
        _ refused: RefusedRequest
    ) async throws {
        try await withServer { server async throws in
            let bytes = refused.bytes + Array(Requests.text.utf8)
            // In one piece, and in pieces that end next to the limits.
            for splits in [[], [1], [8191], [8192, 8193], [refused.bytes.count - 1], [bytes.count / 2]] {
                let client = try server.connect()
                var start = 0
                for split in splits.filter({ $0 < bytes.count }) + [bytes.count] {
                    try client.send(bytes[start..<split])
                    start = split
                }
                let response = try client.readResponse()
                #expect(response.status == refused.status)
                #expect(response.code == refused.code)
                #expect(response.isJSONError)
                #expect(try client.isClosedByPeer, "nothing may follow a refusal")
            }
        }
    }

    @Test func `the limits are those of the settings`() async throws {
        try await withServer { settings in
            settings.limits.targetSize = 20
            settings.limits.headSize = 200
            settings.limits.fieldCount = 3
            settings.limits.bodySize = 4
        } _: { server async throws in
            #expect(try server.answer(to: Self.target(of: 20)).status == 200)
            #expect(try server.answer(to: Self.target(of: 21)).status == 414)
            #expect(try server.answer(to: Self.head(of: 200)).status == 200)
            #expect(try server.answer(to: Self.head(of: 201)).status == 431)
            #expect(try server.answer(to: Self.fields(3)).status == 200)
            #expect(try server.answer(to: Self.fields(4)).status == 431)
            #expect(try server.answer(to: Requests.request("POST", "/bytes", body: "four")).status == 200)
            #expect(try server.answer(to: Requests.request("POST", "/bytes", body: "fives")).status == 413)
        }
    }

    @Test func `a body over the limit is refused before any of it is sent`() async throws {
        try await withServer { server async throws in
            let announced = try server.connect()
            try announced.send(Requests.request("POST", "/bytes", ["Content-Length: 4194305"]))
            #expect(try announced.readResponse().status == 413)
            #expect(try announced.isClosedByPeer)
            let chunked = try server.connect()
            try chunked.send(Requests.chunked("/bytes", "400001\r\n"))
            #expect(try chunked.readResponse().status == 413)
            #expect(try chunked.isClosedByPeer)
            #expect(server.probes.bodies.value == 0)
        }
    }

    @Test func `a client that goes on sending a refused body can still read the answer`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.request("POST", "/bytes", ["Content-Length: 5000000"]))
            try client.send([UInt8](repeating: 0x61, count: 2_000_000))
            let response = try client.readResponse()
            #expect(response.status == 413)
            #expect(try client.isClosedByPeer)
        }
    }
}
