import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("WebSocket handshake")
struct WebSocketHandshakeTests {
    /// RFC 6455 §1.3.
    private static let fields = [
        "Host": "server.example.com", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    ]

    /// The outcome for the RFC's request with some lines changed (nil: left out) and others added.
    private func outcome(
        _ changes: [String: String?] = [:],
        adding lines: [String] = [],
        requestLine: String = "GET /chat HTTP/1.1",
        subprotocols: [String] = []
    ) throws -> Result<WebSocketHandshake.Acceptance, HTTPError> {
        let changed = Self.fields.merging(changes.mapValues { $0 ?? "" }) { $1 }
        let kept = changed.filter { changes[$0.key] != .some(nil) }.map { "\($0): \($1)" }
        let text = ([requestLine] + kept.sorted() + lines).map { $0 + "\r\n" }.joined() + "\r\n"
        let head = RequestHead()
        head.bytes = Array(text.utf8)
        var parser = HeadParser()
        let parsed = parser.parse(head.bytes.span, limits: HeadLimits(), into: head)
        try #require(parsed == .complete(text.utf8.count), "\(text)")
        return Result { () throws(HTTPError) in
            try WebSocketHandshake.evaluate(head, subprotocols: subprotocols)
        }
    }

    private func refusal(_ outcome: Result<WebSocketHandshake.Acceptance, HTTPError>) -> HTTPError? {
        guard case .failure(let error) = outcome else { return nil }
        return error
    }

    @Test("the RFC's example")
    func example() throws {
        let acceptance = try outcome().get()
        #expect(acceptance.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(acceptance.subprotocol == nil)
    }

    @Test(
        "lists and case are read as they may be written",
        arguments: [
            ["Connection": "keep-alive, Upgrade"], ["Connection": "UPGRADE"],
            ["Connection": "a,\tupgrade ,b"],
            ["Upgrade": "WebSocket"], ["Upgrade": "h2c, websocket"],
        ]
    )
    func spelling(changes: [String: String]) throws {
        #expect(try outcome(changes.mapValues(Optional.some)).get().accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test("a Connection option may stand in a line of its own")
    func secondLine() throws {
        let outcome = try outcome(["Connection": "keep-alive"], adding: ["connection: upgrade"])
        #expect(refusal(outcome) == nil)
    }

    @Test(
        "a request that does not ask for WebSocket is told to",
        arguments: [nil, "h2c", "websockets", "web socket"]
    )
    func notAsked(upgrade: String?) throws {
        try expectUpgradeRequired(outcome(["Upgrade": upgrade]))
    }

    @Test("only GET over HTTP/1.1 can upgrade", arguments: ["POST /chat HTTP/1.1", "GET /chat HTTP/1.0"])
    func requestLine(line: String) throws {
        try expectUpgradeRequired(outcome(requestLine: line))
    }

    @Test(
        "another version is answered with the one that is spoken",
        arguments: ["8", "12", "14", "13, 8", "013"]
    )
    func version(value: String) throws {
        try expectUpgradeRequired(outcome(["Sec-WebSocket-Version": value]))
    }

    private func expectUpgradeRequired(_ outcome: Result<WebSocketHandshake.Acceptance, HTTPError>) throws {
        let error = try #require(refusal(outcome))
        #expect(error.status.code == 426)
        #expect(error.fields.contains { $0.name == .upgrade && $0.value == "websocket" })
        #expect(error.fields.contains { $0.name == .secWebSocketVersion && $0.value == "13" })
    }

    @Test(
        "a bad field is named in the refusal",
        arguments: [
            ("Connection", nil), ("Connection", "keep-alive"), ("Connection", "upgraded"),
            ("Sec-WebSocket-Version", nil), ("Sec-WebSocket-Key", nil),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=A"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j=Q=="),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE="),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ-=="),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ====AA"),
        ] as [(String, String?)]
    )
    func badField(name: String, value: String?) throws {
        let error = try #require(refusal(outcome([name: value])))
        #expect(error.status.code == 400)
        #expect(error.message.hasPrefix(name))
    }

    @Test(
        "a key or version that comes twice is refused",
        arguments: ["Sec-WebSocket-Key", "Sec-WebSocket-Version"]
    )
    func repeated(name: String) throws {
        let error = try #require(refusal(outcome(adding: ["\(name): \(Self.fields[name] ?? "")"])))
        #expect(error.status.code == 400)
        #expect(error.message.hasPrefix(name))
    }

    @Test("the server's first choice among the offered subprotocols is taken, from all lines, to the letter")
    func subprotocols() throws {
        func chosen(_ lines: [String], _ supported: [String]) throws -> String? {
            try outcome(adding: lines, subprotocols: supported).get().subprotocol
        }
        let offer = ["Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Protocol:  v2.token ,,"]
        #expect(try chosen(offer, ["superchat", "chat"]) == "superchat")
        #expect(try chosen(offer, ["other", "v2.token"]) == "v2.token")
        #expect(try chosen(offer, ["Chat", "v2"]) == nil)
        #expect(try chosen(offer, []) == nil)
        #expect(try chosen([], ["chat"]) == nil)
    }
}
