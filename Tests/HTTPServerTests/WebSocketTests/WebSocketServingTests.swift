import HTTPServer
import HTTPTypes
import JSON
import Logging
import Testing

/// WebSockets over real connections.
@Suite("WebSocket connections", .timeLimit(.minutes(10)))
struct WebSocketServingTests {
    private static let handshake = """
        GET /socket HTTP/1.1\r
        Host: localhost\r
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Protocol: other, echo\r
        \r

        """

    /// Runs `body` with a client of a server whose only route is a WebSocket served by `handler`. `body` may block.
    private func withSocket(
        _ handler: @escaping @Sendable (WebSocket) async throws -> Void = Self.echo,
        _ body: @escaping @Sendable (RawClient) throws -> Void
    ) async throws {
        let route = Route(
            .get,
            "/socket",
            access: .anyone,
            documentation: .init(
                operationID: "socket",
                summary: "A socket",
                tag: "Test",
                answers: [.init(101, "The socket.")]
            ),
            handler: .immediate { _, response in
                response.body = .webSocket(WebSocketUpgrade(subprotocols: ["echo"], handler: handler))
            }
        )
        let surface = Surface(
            name: "test",
            routes: [route],
            errorSchema: .object { [] },
            renderError: { failure, _, response in
                var members = JSONMembers()
                members["error"] = .string(failure.message)
                response.setJSON(JSONValue.object(members))
            }
        )
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let server = try await Server.start(
            address,
            router: try Router([surface]),
            settings: .patient,
            logger: logger,
            tls: TestTLS.ofAllServers?.context
        )
        let port = server.address.port
        let outcome = await withTaskExecutorPreference(ThreadExecutor()) {
            Result { try body(RawClient(port: port, tls: TestTLS.ofAllServers?.client())) }
        }
        await server.stop()
        try outcome.get()
    }

    private static let echo: @Sendable (WebSocket) async throws -> Void = { socket in
        while let message = await socket.next() {
            switch message {
            case .text(let text): try await socket.send(text)
            case .binary(let bytes): try await socket.send(bytes)
            }
        }
    }

    /// Reads one frame: its first byte and its payload.
    private static func frame(_ client: RawClient) throws -> (UInt8, [UInt8]) {
        let start = try client.read(2)
        let size = [126: 2, 127: 8][start[1]] ?? 0
        let count = size == 0 ? Int(start[1]) : try client.read(size).reduce(0) { $0 << 8 | Int($1) }
        return (start[0], try client.read(count))
    }

    private static func open(_ client: RawClient) throws {
        try client.send(handshake)
        let head = try client.read(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 101 "))
        #expect(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        #expect(head.lowercased().contains("\r\nsec-websocket-protocol: echo"))
    }

    @Test("messages go both ways, pings are answered, and a close ends it with a close and the connection")
    func conversation() async throws {
        try await withSocket { client in
            try Self.open(client)
            let large = [UInt8](repeating: 7, count: 300_000)
            try client.sendByteByByte([ClientFrame.text("hé"), .ping([1, 2])].bytes)
            try client.send(ClientFrame.binary(large).bytes)
            // The pong comes from the loop, the echoes from the handler: only each kind's order is certain.
            let frames = try [Self.frame(client), Self.frame(client), Self.frame(client)]
            #expect(frames.contains { $0 == (0x8A, [1, 2]) })
            #expect(frames.filter { $0.0 != 0x8A }.map(\.0) == [0x81, 0x82])
            #expect(frames.filter { $0.0 != 0x8A }.map(\.1) == [Array("hé".utf8), large])
            try client.send(ClientFrame.close(1001, Array("bye".utf8)).bytes)
            #expect(try client.readToEnd() == [0x88, 2, 3, 0xE9])
        }
    }

    @Test("frames that come right behind the handshake are read")
    func early() async throws {
        try await withSocket { client in
            try client.send(Array(Self.handshake.utf8) + ClientFrame.text("early").bytes)
            _ = try client.read(until: "\r\n\r\n")
            #expect(try Self.frame(client) == (0x81, Array("early".utf8)))
        }
    }

    @Test("a violation is answered with its close code, and what follows it with nothing")
    func violation() async throws {
        try await withSocket { client in
            try Self.open(client)
            try client.send(
                ClientFrame(start: 0x81, payload: [0x61], key: nil).bytes + ClientFrame.text("x").bytes
            )
            let (start, payload) = try Self.frame(client)
            #expect(start == 0x88)
            #expect(payload.prefix(2) == [3, 0xEA])
            #expect(try client.isClosedByPeer)
        }
    }

    @Test("a handler that returns closes with 1000, after what it sent")
    func handlerReturns() async throws {
        try await withSocket({ try await $0.send("last") }) { client in
            try Self.open(client)
            #expect(try Self.frame(client) == (0x81, Array("last".utf8)))
            #expect(try Self.frame(client) == (0x88, [3, 0xE8]))
            try client.send(ClientFrame.close(1000).bytes)
            #expect(try client.isClosedByPeer)
        }
    }

    @Test("a handler that fails closes with 1011 and says no more than that")
    func handlerFails() async throws {
        struct Failure: Error {}
        try await withSocket({ _ in throw Failure() }) { client in
            try Self.open(client)
            #expect(try Self.frame(client) == (0x88, [3, 0xF3]))
        }
    }

    @Test("more messages than may wait are all delivered, in order")
    func manyMessages() async throws {
        try await withSocket { client in
            try Self.open(client)
            let numbers = (0..<1000).map { ClientFrame.text("\($0)") }
            try client.send(numbers.bytes)
            for number in 0..<1000 {
                #expect(try Self.frame(client) == (0x81, Array("\(number)".utf8)))
            }
        }
    }

    @Test("a client that reads late gets everything, whatever it pinged meanwhile")
    func lateReader() async throws {
        let block = [UInt8](repeating: 5, count: 50_000)
        try await withSocket({ socket in for _ in 0..<200 { try await socket.send(block) } }) { client in
            try Self.open(client)
            try client.send([ClientFrame](repeating: .ping([1]), count: 20_000).bytes)
            var blocks = 0
            var frame = try Self.frame(client)
            while frame.0 != 0x88 {
                if frame == (0x82, block) { blocks += 1 }
                frame = try Self.frame(client)
            }
            #expect(blocks == 200)
            #expect(frame.1 == [3, 0xE8])
        }
    }

    @Test("a handshake that is none is refused, and the connection goes on with HTTP")
    func refusal() async throws {
        try await withSocket { client in
            try client.send("GET /socket HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 426)
            #expect(response["upgrade"] == "websocket")
            try Self.open(client)
        }
    }
}
