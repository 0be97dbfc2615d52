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
            request.deadlines = HTTPClientDeadlines(connect: nil, idle: .seconds(1), total: .seconds(8))
            let response = try await client.send(request)
            await disconnected.wait()
            let error = await failure { for try await _ in response.body {} }
            #expect(error?.kind == .timeout(.total))
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
