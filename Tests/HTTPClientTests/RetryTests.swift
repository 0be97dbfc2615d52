import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct RetryTests {
    private static func configuration(
        _ clock: NotingClock,
        random value: UInt64 = .max
    ) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.clock = clock
        configuration.makeGenerator = { ConstantGenerator(value: value) }
        return configuration
    }

    /// Stands in an answer for the date half a minute after it is sent.
    private static let soon = "SOON"

    /// A server that gives one answer after the other, each on a connection of its own, and the last again and again.
    private static func server(_ answers: [String]) throws -> RawServer {
        let number = Mutex(0)
        return try RawServer { connection in
            guard connection.readHead() != nil else { return }
            let answer = number.withLock { number in
                defer { number += 1 }
                return answers[min(number, answers.count - 1)]
            }
            let date = Timestamp(secondsSinceEpoch: Timestamp.now().secondsSinceEpoch + 30).httpDate
            connection.send(answer.replacing(soon, with: date))
            connection.finishSending()
            // To close with a part of the request unread would be a reset, at which a client may lose the answer.
            connection.readToEnd()
        }
    }

    private static func answer(_ status: Int, _ field: String = "X: y") -> String {
        "HTTP/1.1 \(status) S\r\nConnection: close\r\nContent-Length: 1\r\n\(field)\r\n\r\nx"
    }

    @Test func theBoundOfTheDelaysDoublesUpToTheMaximum() {
        var policy = RetryPolicy()
        policy.attempts = 6
        policy.firstDelay = .milliseconds(100)
        policy.maximumDelay = .milliseconds(500)
        let longest = Array(policy.delays(using: ConstantGenerator(value: .max)))
        #expect(longest == [100, 200, 400, 500, 500].map(Duration.milliseconds))
        let shortest = Array(policy.delays(using: ConstantGenerator(value: 0)))
        #expect(shortest == Array(repeating: .zero, count: 5))
        #expect(Array(RetryPolicy.never.delays(using: SystemRandomNumberGenerator())).isEmpty)
    }

    @Test func everyDelayLiesWithinItsBound() {
        var policy = RetryPolicy()
        policy.attempts = 1000
        policy.firstDelay = .seconds(1)
        policy.maximumDelay = .seconds(1)
        let delays = Array(policy.delays(using: SystemRandomNumberGenerator()))
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(1) })
        #expect(Set(delays).count > 900)
    }

    @Test func aServerThatIsBusyIsAskedAgain() async throws {
        let clock = NotingClock()
        let server = try Self.server([Self.answer(503), Self.answer(429), "", Self.answer(200)])
        try await withClient(Self.configuration(clock)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            #expect(answer.status == .ok)
        }
        #expect(clock.sleeps == [200, 400, 800].map(Duration.milliseconds))
    }

    @Test func theLastAnswerIsTheAnswer() async throws {
        let clock = NotingClock()
        let server = try Self.server([Self.answer(503)])
        try await withClient(Self.configuration(clock)) { client in
            let answer = try await client.send(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            #expect(answer.status.code == 503)
            let body = try await answer.body.collect(upTo: 10)
            #expect(body == Array("x".utf8))
        }
        #expect(server.connections.count == 4)
        #expect(clock.sleeps.count == 3)
    }

    @Test func theLastErrorIsTheError() async throws {
        let clock = NotingClock()
        let server = try Self.server([""])
        try await withClient(Self.configuration(clock)) { client in
            let error = await failure {
                try await client.send(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            }
            #expect(error?.kind == .cutOff)
        }
        #expect(clock.sleeps.count == 3)
    }

    @Test func aBodyThatIsCutOffIsFetchedAgain() async throws {
        let clock = NotingClock()
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        let server = try Self.server([half, half, Self.answer(200)])
        try await withClient(Self.configuration(clock)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            #expect(answer.text == "x")
        }
        #expect(clock.sleeps.count == 2)
    }

    @Test(arguments: [404, 500])
    func otherStatusesAreAnswers(status: Int) async throws {
        let clock = NotingClock()
        let server = try Self.server([Self.answer(status)])
        try await withClient(Self.configuration(clock)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            #expect(answer.status.code == status)
        }
        #expect(server.connections.count == 1)
    }

    @Test func onlyIdempotentRequestsAreSentAgainUnlessTold() async throws {
        let clock = NotingClock()
        try await withClient(Self.configuration(clock)) { client in
            for (method, times) in [(HTTPRequest.Method.put, 2), (.delete, 2), (.post, 1), (.patch, 1)] {
                let server = try Self.server([Self.answer(503), Self.answer(200)])
                var request = HTTPClientRequest(method: method, url: server.url)
                _ = try await client.fetch(request, retrying: RetryPolicy())
                #expect(server.connections.count == times)
                request.method = .post
                var policy = RetryPolicy()
                policy.includesUnsafeMethods = true
                let told = try Self.server([Self.answer(503), Self.answer(200)])
                request.url = told.url
                _ = try await client.fetch(request, retrying: policy)
                #expect(told.connections.count == 2)
            }
        }
    }

    @Test func aStreamedBodyIsNotSentAgain() async throws {
        let clock = NotingClock()
        let server = try Self.server([Self.answer(503)])
        try await withClient(Self.configuration(clock)) { client in
            var request = HTTPClientRequest(method: .put, url: server.url)
            request.body = .stream(UploadTests.Chunks(count: 1, size: 1))
            let answer = try await client.fetch(request, retrying: RetryPolicy())
            #expect(answer.status.code == 503)
        }
        #expect(server.connections.count == 1)
    }

    @Test func retryAfterIsWaitedForBesideTheJitter() async throws {
        let clock = NotingClock()
        let past = Timestamp(secondsSinceEpoch: 0).httpDate
        let server = try Self.server([
            Self.answer(429, "Retry-After: 7"), Self.answer(503, "Retry-After: \(Self.soon)"),
            Self.answer(503, "Retry-After: \(past)"), Self.answer(200),
        ])
        try await withClient(Self.configuration(clock, random: 0)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            #expect(answer.status == .ok)
        }
        try #require(clock.sleeps.count == 3)
        #expect(clock.sleeps[0] == .seconds(7))
        #expect((.seconds(1) ... .seconds(30)).contains(clock.sleeps[1]))
        #expect(clock.sleeps[2] == .zero)
    }

    @Test(arguments: ["61", "99999999999999999999"])
    func aRetryAfterBeyondTheBoundIsNotWaitedFor(value: String) async throws {
        let clock = NotingClock()
        let server = try Self.server([Self.answer(429, "Retry-After: \(value)")])
        try await withClient(Self.configuration(clock)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url), retrying: RetryPolicy())
            #expect(answer.status.code == 429)
        }
        #expect(clock.sleeps.isEmpty)
    }

    @Test func cancellationEndsTheWait() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.makeGenerator = { ConstantGenerator(value: .max) }
        let server = try Self.server([Self.answer(503)])
        try await withClient(configuration) { client in
            var policy = RetryPolicy()
            policy.firstDelay = .seconds(3600)
            policy.maximumDelay = .seconds(3600)
            let sender = Task { [policy] in
                try await client.fetch(HTTPClientRequest(url: server.url), retrying: policy)
            }
            await server.connections.wait()
            sender.cancel()
            let error = await failure { try await sender.value }
            #expect(error?.kind == .cancelled)
        }
    }
}
