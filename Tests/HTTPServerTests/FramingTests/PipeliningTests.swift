import Testing

/// Requests that a client sends before it has the answers to those before.
@Suite(.timeLimit(.minutes(10)))
struct PipeliningTests {
    /// A request of each kind whose answer names `number`.
    private static func request(_ number: Int) -> String {
        switch number % 5 {
        case 0: Requests.get("/items/\(number)")
        case 1: Requests.request("POST", "/async-bytes", body: "body \(number)")
        case 2:
            Requests.chunked("/bytes", "5\r\nbody \r\n\(number.hexadecimalLength)\r\n\(number)\r\n0\r\n\r\n")
        case 3: Requests.get("/stream/\(number)")
        default: Requests.get("/nowhere/\(number)")
        }
    }

    private static func isAnswer(_ response: ReceivedResponse, to number: Int) -> Bool {
        switch number % 5 {
        case 0: response.text.contains("\"name\":\"\(number)\"")
        case 1, 2: response.text == "body \(number)"
        case 3: response.text == (0..<number).map { "chunk \($0)\n" }.joined()
        default: response.status == 404 && response.text.contains("/nowhere/\(number)")
        }
    }

    @Test func `a hundred requests at once are answered in order`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send((0..<100).map(Self.request).joined())
            for number in 0..<100 {
                let response = try client.readResponse()
                #expect(Self.isAnswer(response, to: number), "\(number): \(response)")
            }
            client.shutdownWrite()
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `all are answered when the client closes its side right after them`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send((0..<25).map(Self.request).joined())
            client.shutdownWrite()
            for number in 0..<25 {
                let response = try client.readResponse()
                #expect(Self.isAnswer(response, to: number), "\(number): \(response)")
            }
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `half a request after whole ones keeps none of them from its answer`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.slow + Requests.text + "GET /text HT")
            client.shutdownWrite()
            #expect(try client.readResponse().body == TestRoutes.laterText)
            #expect(try client.readResponse().body == TestRoutes.text)
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `answers that are larger than what may wait all come`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(String(repeating: Requests.get("/large"), count: 8))
            client.shutdownWrite()
            for _ in 0..<8 { #expect(try client.readResponse().body == TestRoutes.large) }
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `thousands of small requests in one piece are all answered`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            // 64 KiB of requests, a block that the server may read at once, have more than 256 KiB of answers.
            let request = "GET /nowhere HTTP/1.1\r\nHost:[::1]\r\n\r\n"
            let count = 65_536 / request.utf8.count
            for _ in 0..<3 {
                try client.send(String(repeating: request, count: count))
                for _ in 0..<count { #expect(try client.readResponse().status == 404) }
            }
        }
    }

    @Test func `a request after Connection: close is not answered`() async throws {
        try await withServer { server async throws in
            for target in ["/text", "/async", "/stream/3", "/nowhere"] {
                let client = try server.connect()
                try client.send(Requests.get(target, "Connection: close") + Requests.text)
                let response = try client.readResponse()
                #expect(response["connection"] == "close")
                #expect(try client.isClosedByPeer)
            }
        }
    }

    @Test func `a large body that was sent ahead is read once its turn comes`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            let body = String(repeating: "a", count: 300_000)
            try client.send(Requests.request("POST", "/bytes", body: body) + Requests.text)
            server.probes.gate.open()
            #expect(try client.readResponse().status == 200)
            #expect(try client.readResponse().text == body)
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test func `a client that sends ahead without end is slowed down, not buffered`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            let accepted = client.sendUntilBlocked(Array(Requests.text.utf8), limit: 64 << 20)
            #expect(accepted < 64 << 20, "\(accepted) bytes were taken")
        }
    }
}

extension Int {
    /// The number of its decimal digits as a chunk size.
    fileprivate var hexadecimalLength: String { String(String(self).utf8.count, radix: 16) }
}
