import Testing

/// Good requests with random damage. Whatever comes of them, it must not depend on how the bytes are split, and the server
/// must go on.
@Suite(.timeLimit(.minutes(10)))
struct MutationTests {
    private static let requests = [
        Requests.text, Requests.slow, Requests.get("/items/a%2Fb?c=d&e=f+g", "Accept: */*;q=0.5"),
        Requests.get("/page", "Accept-Encoding: gzip", "If-None-Match: \"x\""), Requests.get("/stream/3"),
        Requests.get("/trailers"), Requests.get("/fail", "X-Request-Id: abc"), Requests.get("/nowhere"),
        Requests.get("/text", "Connection: keep-alive", "Origin: http://localhost:5173"),
        Requests.request("OPTIONS", "*"), Requests.request("DELETE", "/text"), Requests.get("/files/a/b/c"),
        Requests.get("/numbers/42"), Requests.get("/sized/5"),
        Requests.request("POST", "/bytes", body: "hello, world"),
        Requests.request("POST", "/echo", ["Content-Type: application/json"], body: "{\"a\":[1,2]}"),
        Requests.request("POST", "/async-bytes", ["Expect: 100-continue"], body: "hello"),
        Requests.chunked("/bytes", "5;a=b\r\nhello\r\n00A\r\n, world 12\r\n0\r\nX-A: b\r\n\r\n"),
        Requests.request("POST", "/nowhere", body: "nobody wants this"),
    ]

    /// What an answer says, without what differs each time.
    private struct Gist: Equatable {
        var status: Int
        var code: String?
        var fields: [ReceivedResponse.Field]
        var body: [UInt8]

        init(_ response: ReceivedResponse) {
            status = response.status
            code = response.status < 400 ? nil : response.code
            fields = response.fields.filter { !["date", "x-request-id", "connection"].contains($0.name) }
            body = response.status < 400 ? response.body : []
        }
    }

    @Test(arguments: 1...8)
    func `damaged requests are answered at most once each, however they are split`(_ seed: UInt64)
        async throws
    {
        try await withServer { server async throws in
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<60 {
                let count = Int.random(in: 1...4, using: &generator)
                var bytes = (0..<count).flatMap { _ in
                    Array(Self.requests[Int.random(in: 0..<Self.requests.count, using: &generator)].utf8)
                }
                for _ in 0..<Int.random(in: 1...3, using: &generator) { Self.damage(&bytes, &generator) }
                let whole = try Self.answers(server) { try $0.send(bytes) }
                let split = try Self.answers(server) { try $0.sendByteByByte(bytes) }
                let description = String(decoding: bytes, as: UTF8.self).debugDescription
                #expect(whole == split, "\(description)")
                // What damage leaves over at the end of a request can be taken for another, which is refused.
                let final = whole.filter { $0.status >= 200 }
                #expect(
                    final.count <= count || (final.count == count + 1 && final.last?.status == 400),
                    "\(description)"
                )
            }
            #expect(try server.isServing())
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        // Half of the time a byte that means something.
        let telling = Array("\r\n :;,/%?#0159aA\0\t\u{7F}".utf8)
        let byte =
            Bool.random(using: &generator)
            ? telling[Int.random(in: 0..<telling.count, using: &generator)]
            : UInt8.random(in: 0...255, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes.insert(byte, at: index)
        case 1: bytes.remove(at: index)
        case 2: bytes[index] = byte
        case 3:
            // A piece comes twice.
            let end = min(bytes.count, index + Int.random(in: 1...20, using: &generator))
            bytes.insert(contentsOf: bytes[index..<end], at: index)
        default:
            bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...20, using: &generator)))
        }
        if bytes.isEmpty { bytes = [byte] }
    }

    private static func answers(_ server: TestServer, send: (RawClient) throws -> Void) throws -> [Gist] {
        let client = try server.connect()
        try send(client)
        client.shutdownWrite()
        var answers: [Gist] = []
        while try !client.isClosedByPeer {
            let response = try client.readResponse()
            answers.append(Gist(response))
            // Whether an answer says so may depend on whether the end of the requests has arrived; if it does, it is the last.
            if response["connection"] == "close" { #expect(try client.isClosedByPeer) }
        }
        return answers
    }

    @Test(arguments: 1...4)
    func `noise is refused or ignored`(_ seed: UInt64) async throws {
        try await withServer { server async throws in
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<50 {
                let noise = generator.bytes(Int.random(in: 1...2000, using: &generator))
                let answers = try Self.answers(server) { try $0.send(noise) }
                #expect(answers.count <= 1)
                #expect(answers.allSatisfy { $0.status >= 400 })
            }
            #expect(try server.isServing())
        }
    }
}
