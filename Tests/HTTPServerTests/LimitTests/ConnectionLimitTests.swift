import HTTPServer
import Testing

/// How many connections there may be, and how long they last.
@Suite(.timeLimit(.minutes(10)))
struct ConnectionLimitTests {
    private static func expectTurnedAway(_ client: RawClient) throws {
        // It is told so without having to ask.
        let response = try client.readResponse()
        #expect(response.status == 503)
        #expect(response["retry-after"] == "1")
        #expect(response["connection"] == "close")
        #expect(response.isJSONError)
        #expect(try client.isClosedByPeer)
    }

    private static func expectServed(_ client: RawClient) throws {
        try client.send(Requests.text)
        #expect(try client.readResponse().body == TestRoutes.text)
    }

    @Test func `clients beyond the limit are told to come back, and the others are served`() async throws {
        try await withServer { settings in
            settings.limits.connections = 2
        } _: { server async throws in
            let first = try server.connect()
            let second = try server.connect()
            for client in [first, second] { try Self.expectServed(client) }
            for _ in 0..<5 { try Self.expectTurnedAway(server.connect()) }
            let asking = try server.connect()
            try asking.send(Requests.text)
            try Self.expectTurnedAway(asking)
            for client in [first, second] { try Self.expectServed(client) }
            first.close()
            try eventually { try server.isServing() }
            try Self.expectServed(second)
        }
    }

    @Test func `one address cannot take all connections`() async throws {
        try await withServer { settings in
            settings.limits.connectionsPerAddress = 2
        } _: { server async throws in
            let greedy = try [server.connect(), server.connect()]
            for client in greedy { try Self.expectServed(client) }
            try Self.expectTurnedAway(server.connect())
            try Self.expectServed(server.connect(source: 2))
            for client in greedy { try Self.expectServed(client) }
        }
    }

    @Test func `clients that were turned away take no place, even while they stay`() async throws {
        try await withServer { settings in
            settings.limits.connections = 1
        } _: { server async throws in
            let first = try server.connect()
            try Self.expectServed(first)
            let turnedAway = try (0..<20).map { _ in try server.connect() }
            for client in turnedAway { try Self.expectTurnedAway(client) }
            first.close()
            try eventually { try server.isServing() }
            #expect(turnedAway.count == 20)
        }
    }

    @Test func `a refused request's connection gives its place back`() async throws {
        try await withServer { settings in
            settings.limits.connections = 1
        } _: { server async throws in
            for _ in 0..<20 {
                try eventually {
                    let status = try server.answer(to: "bad\r\n\r\n").status
                    #expect(status == 400 || status == 503)
                    return status == 400
                }
            }
            try eventually { try server.isServing() }
        }
    }

    @Test func `a connection that stays idle between requests is closed without a word`() async throws {
        try await withServer { settings in
            settings.limits.keepAliveTimeout = .milliseconds(50)
        } _: { server async throws in
            let client = try server.connect()
            try Self.expectServed(client)
            #expect(try client.isClosedByPeer)
            let asynchronous = try server.connect()
            try asynchronous.send(Requests.slow)
            #expect(try asynchronous.readResponse().status == 200)
            #expect(try asynchronous.isClosedByPeer)
        }
    }

    @Test func `a connection that never says anything is closed without a word`() async throws {
        try await withServer { settings in
            settings.limits.headTimeout = .milliseconds(50)
        } _: { server async throws in
            #expect(try server.connect().isClosedByPeer)
        }
    }

    @Test func `a request that takes long to answer is not idle`() async throws {
        try await withServer { settings in
            settings.limits.keepAliveTimeout = .milliseconds(30)
        } _: { server async throws in
            let waiting = try server.connect()
            try waiting.send(Requests.get("/gated"))
            try server.probes.gate.arrived.wait(for: 1)
            // Others come and are closed for being idle while this one waits.
            for _ in 0..<3 {
                let idle = try server.connect()
                try Self.expectServed(idle)
                #expect(try idle.isClosedByPeer)
            }
            server.probes.gate.open()
            #expect(try waiting.readResponse().status == 200)
        }
    }

    @Test(arguments: ["/text", "/async", "/stream/2"])
    func `a connection ends after the number of requests that it may have`(_ target: String) async throws {
        try await withServer { settings in
            settings.limits.requestsPerConnection = 3
        } _: { server async throws in
            let client = try server.connect()
            try client.send(String(repeating: Requests.get(target), count: 5))
            for number in 1...3 {
                let response = try client.readResponse()
                #expect(response.status == 200)
                #expect(response["connection"] == (number == 3 ? "close" : nil))
            }
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `new settings apply to what begins from then on`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try Self.expectServed(client)
            var settings = ServerSettings.patient
            settings.limits.targetSize = 4
            server.server.apply(settings)
            try eventually {
                try client.send(Requests.text)
                return try client.readResponse().status == 414
            }
        }
    }
}
