import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTP2Tests {
    private static func request(_ server: HTTP2Server, _ path: String = "/") -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.url(path))
        request.tls.certificateAuthorities = server.authority
        request.version = .http2
        // A connection is there when another program has shaken hands, however long that takes it.
        request.deadlines.connect = nil
        return request
    }

    @Test func requestsShareOneConnection() async throws {
        try await withHTTP2Server { request in
            .text("at \(request.path)")
        } _: { client, server in
            var automatic = Self.request(server, "/first")
            automatic.version = .automatic
            let first = try await client.fetch(automatic)
            #expect(first.version == .http2)
            #expect(first.text == "at /first")
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask {
                        let answer = try await client.fetch(Self.request(server, "/\(number)"))
                        #expect(answer.text == "at /\(number)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.connections == 1)
        }
    }

    @Test func answersThatAreReadAtTheReadersPaceComeOverHTTP1() async throws {
        try await withHTTP2Server { _ in
            .text("x")
        } _: { client, server in
            var request = Self.request(server)
            request.version = .automatic
            let collected = try await client.fetch(request)
            #expect(collected.version == .http2)
            let response = try await client.send(request)
            #expect(response.version == .http1_1)
        }
    }

    @Test func bodiesGoOutOverHTTP2() async throws {
        try await withHTTP2Server { request in
            Response(contentType: .octets, body: .bytes(request.body))
        } _: { client, server in
            let chunks = UploadTests.Chunks(count: 5, size: 100_000)
            for body in [HTTPClientRequestBody.bytes(chunks.bytes), .stream(chunks)] {
                var request = Self.request(server)
                request.method = .post
                request.body = body
                let answer = try await client.fetch(request)
                #expect(answer.version == .http2)
                #expect(answer.body == chunks.bytes)
            }
        }
    }

    @Test func manyLongStreamsShareOneConnection() async throws {
        let go = Signal()
        try await withHTTP2Server { request in
            .repeating(request.path, on: go)
        } _: { client, server in
            let opened = Signal()
            try await withThrowingTaskGroup { group in
                for number in 0..<90 {
                    group.addTask {
                        let response = try await client.send(Self.request(server, "/\(number)"))
                        var iterator = response.body.makeAsyncIterator()
                        let name = Array("/\(number)".utf8)
                        let first = try await iterator.next()
                        #expect(first == name)
                        opened.add()
                        let second = try await iterator.next()
                        #expect(second == name)
                    }
                }
                await opened.wait(for: 90)
                #expect(server.connections == 1)
                go.add()
                try await group.waitForAll()
            }
        }
    }

    @Test func aReaderThatFallsFarBehindHarmsItselfOnly() async throws {
        let ended = Signal()
        try await withHTTP2Server { request in
            guard request.path != "/" else { return .text("x") }
            let isFlood = request.path == "/flood"
            return Response(
                contentType: .octets,
                body: .stream(
                    ResponseStream { writer in
                        guard isFlood else {
                            try await writer.write([1])
                            await ended.wait()
                            return []
                        }
                        defer { ended.add() }
                        let chunk = [UInt8](repeating: 7, count: 1 << 20)
                        while true { try await writer.write(chunk) }
                    }
                )
            )
        } _: { client, server in
            let watch = try await client.send(Self.request(server, "/watch"))
            let response = try await client.send(Self.request(server, "/flood"))
            for _ in 0..<20 { _ = try await client.fetch(Self.request(server)) }
            await ended.wait()
            let error = await failure { for try await _ in response.body {} }
            #expect(error?.kind == .tooLarge)
            let watched = try await watch.body.collect(upTo: 10)
            #expect(watched == [1])
            #expect(server.connections == 1)
        }
    }

    /// Answers `/broken` with a stream that breaks, `/endless` with one that goes on until nobody takes it, `/silent` with one
    /// that falls silent.
    private static func streams(_ cancelled: Signal) -> @Sendable (Request) async throws -> Response {
        struct Broken: Error {}
        return { request in
            let path = request.path
            guard path != "/" else { return .text("x") }
            let stream = ResponseStream { writer in
                try await writer.write([1])
                switch path {
                case "/broken": throw Broken()
                case "/endless":
                    defer { cancelled.add() }
                    while true { try await writer.write([1]) }
                default:
                    let end = Signal()
                    await withTaskCancellationHandler {
                        await end.wait()
                    } onCancel: {
                        end.add()
                    }
                    return []
                }
            }
            return Response(contentType: .text, body: .stream(stream))
        }
    }

    @Test func aStreamThatIsCutFailsAlone() async throws {
        try await withHTTP2Server(Self.streams(Signal())) { client, server in
            let other = try await client.send(Self.request(server, "/silent"))
            let broken = await failure { try await client.fetch(Self.request(server, "/broken")) }
            #expect(broken?.kind == .cutOff)
            let answer = try await client.fetch(Self.request(server))
            #expect(answer.text == "x")
            #expect(server.connections == 1)
            other.body.cancel()
        }
    }

    @Test func cancellationEndsOneStreamAtOnceAndLeavesOthersAlone() async throws {
        let cancelled = Signal()
        try await withHTTP2Server(Self.streams(cancelled)) { client, server in
            let other = try await client.send(Self.request(server, "/silent"))
            for number in 1...5 {
                let response = try await client.send(Self.request(server, "/endless"))
                response.body.cancel()
                await cancelled.wait(for: number)
            }
            let answer = try await client.fetch(Self.request(server))
            #expect(answer.text == "x")
            #expect(server.connections == 1)
            var iterator = other.body.makeAsyncIterator()
            let chunk = try await iterator.next()
            #expect(chunk == [1])
            other.body.cancel()
        }
    }

    @Test func cancellationEndsTheLastStreamAtOnce() async throws {
        let cancelled = Signal()
        try await withHTTP2Server(Self.streams(cancelled)) { client, server in
            let response = try await client.send(Self.request(server, "/endless"))
            response.body.cancel()
            await cancelled.wait()
        }
    }
}
