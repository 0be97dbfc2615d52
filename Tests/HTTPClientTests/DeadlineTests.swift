import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeadlineTests {
    @Test func aServerThatNeverAnswersMeetsTheFirstByteDeadline() async throws {
        let server = try RawServer { $0.readToEnd() }
        try await expectTimeout(.firstByte, server.url, HTTPClientDeadlines(firstByte: .milliseconds(20)))
    }

    @Test func halfAStatusLineIsNoAnswerYet() async throws {
        let server = try RawServer { connection in
            connection.send("HTTP/1.1 ")
            connection.readToEnd()
        }
        try await expectTimeout(.firstByte, server.url, HTTPClientDeadlines(firstByte: .milliseconds(20)))
    }

    @Test func silenceInTheBodyMeetsTheIdleDeadline() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            connection.readToEnd()
        }
        try await expectTimeout(.idle, server.url, HTTPClientDeadlines(idle: .milliseconds(20)))
    }

    @Test func silenceInTheHeadMeetsTheIdleDeadline() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-")
            connection.readToEnd()
        }
        try await expectTimeout(.idle, server.url, HTTPClientDeadlines(idle: .milliseconds(20)))
    }

    @Test func aTrickleMeetsTheTotalDeadlineOnly() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while connection.send("1\r\nx\r\n") {}
        }
        let deadlines = HTTPClientDeadlines(
            firstByte: .seconds(60),
            idle: .seconds(60),
            total: .milliseconds(50)
        )
        try await expectTimeout(.total, server.url, deadlines)
    }

    /// A listener whose queue is full answers no SYN.
    @Test func aHostThatTakesNoConnectionMeetsTheConnectDeadline() async throws {
        let listener = try FullListener()
        let url = "http://127.0.0.1:\(listener.port)/"
        try await expectTimeout(.connect, url, HTTPClientDeadlines(connect: .milliseconds(30)))
    }

    @Test func aServerThatSpeaksNoTLSMeetsTheConnectDeadline() async throws {
        let server = try RawServer { $0.readToEnd() }
        let url = "https://127.0.0.1:\(server.port)/"
        try await expectTimeout(.connect, url, HTTPClientDeadlines(connect: .milliseconds(30)))
    }

    /// The total deadline passes while nobody reads; the idle deadline does not run then.
    @Test func theReadersTimeIsNoIdleTime() async throws {
        let disconnected = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            // More than the client keeps for a reader comes in one piece, so that no pause of this thread is a silence.
            let chunk = "100000\r\n" + String(repeating: "x", count: 0x100000) + "\r\n"
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
            while connection.send(chunk) {}
            disconnected.add()
        }
        try await withClient { client in
            var request = HTTPClientRequest(url: server.url)
            request.deadlines = HTTPClientDeadlines(connect: nil, idle: .seconds(4), total: .seconds(15))
            let response = try await client.send(request)
            await disconnected.wait()
            let error = await failure { for try await _ in response.body {} }
            #expect(error?.kind == .timeout(.total))
        }
    }

    @Test func whatHasComeIsTakenBeforeADeadlineThatPassesMeanwhile() async throws {
        // On a busy machine the deadline may pass before the client's thread is held up. Then another one is longer.
        var idle = Duration.milliseconds(200)
        while try await !isTaken(within: idle) {
            idle *= 2
            try #require(idle < .seconds(200))
        }
    }

    /// Has the rest of an answer come while the client's thread is held up beyond the deadline, and asserts that it is whole; false
    /// when the deadline may have passed before.
    private func isTaken(within idle: Duration) async throws -> Bool {
        let rest = Signal()
        let sent = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
            rest.block(for: 1)
            connection.send("b")
            sent.add()
            connection.readToEnd()
        }
        let other = try RawServer(answer: "HTTP/1.1 204 No Content\r\n\r\n")
        let silent = try RawServer { $0.readToEnd() }
        let metrics = HoldingMetrics()
        var configuration = HTTPClientConfiguration()
        configuration.metrics = metrics
        return try await withClient(configuration) { client in
            let start = ContinuousClock.now
            var request = HTTPClientRequest(url: server.url)
            request.deadlines.idle = idle
            let response = try await client.send(request)
            var held = HTTPClientRequest(url: other.url)
            held.destination = "held"
            let holding = held
            async let ended = client.fetch(holding)
            await metrics.isHeld.wait()
            let isHeldInTime = start.duration(to: .now) < idle
            rest.add()
            await sent.wait()
            // By then it has passed for another client too, which began now.
            try await expectTimeout(.total, silent.url, HTTPClientDeadlines(connect: nil, total: idle))
            metrics.mayGoOn.add()
            _ = try await ended
            guard isHeldInTime else {
                response.body.cancel()
                return false
            }
            let body = try await response.body.collect(upTo: 10)
            #expect(body == Array("ab".utf8))
            return true
        }
    }

    private func expectTimeout(
        _ deadline: HTTPClientError.Deadline,
        _ url: String,
        _ deadlines: HTTPClientDeadlines,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withClient { client in
            var request = HTTPClientRequest(url: url)
            request.deadlines = deadlines
            let error = await failure { try await client.fetch(request, upTo: .max) }
            #expect(error?.kind == .timeout(deadline), sourceLocation: sourceLocation)
        }
    }
}
