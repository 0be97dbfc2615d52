import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct UploadTests {
    /// Chunks that are made when they are asked for.
    struct Chunks: AsyncSequence, Sendable {
        typealias Element = [UInt8]

        var count: Int
        var size: Int
        /// Raised by each chunk that was asked for.
        var made = Signal()
        /// Raised when the sequence's task was cancelled, or nothing asks any more.
        var ended = Signal()
        var failsAtEnd = false

        struct Failed: Error {}

        final class AsyncIterator: AsyncIteratorProtocol {
            private let chunks: Chunks
            private var number = 0

            init(_ chunks: Chunks) { self.chunks = chunks }

            deinit { chunks.ended.add() }

            func next() async throws -> [UInt8]? {
                guard number < chunks.count else {
                    if chunks.failsAtEnd { throw Failed() }
                    return nil
                }
                number += 1
                chunks.made.add()
                return [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: chunks.size)
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

        var bytes: [UInt8] {
            (0..<count).flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: $0 + 1), count: size) }
        }
    }

    @Test(arguments: [(0, 0), (1, 1), (5, 100_000), (300, 3)])
    func aStreamedBodyArrives(count: Int, size: Int) async throws {
        let chunks = Chunks(count: count, size: size)
        try await withServer { request in
            let framing = "\(request[.transferEncoding] ?? "none") \(request[.contentLength] ?? "none")"
            var response = Response(contentType: .octets, body: .bytes(request.body))
            response.fields = [HTTPField(name: .server, value: framing)]
            return response
        } _: { client, server in
            for length in [nil, count * size] {
                let request = HTTPClientRequest(
                    method: .post,
                    url: server.url("/"),
                    body: .stream(chunks, length: length)
                )
                let answer = try await client.fetch(request)
                #expect(answer.status == .ok)
                #expect(answer.body == chunks.bytes)
                #expect(answer.headers[.server] == (length.map { "none \($0)" } ?? "chunked none"))
            }
        }
    }

    @Test func aServerThatDoesNotReadHoldsTheSequenceBack() async throws {
        let chunks = Chunks(count: 1000, size: 1 << 20)
        let server = try RawServer { connection in
            // Reads nothing beyond the head until the client goes away.
            guard connection.readHead() != nil else { return }
            connection.waitForHangUp()
        }
        try await withClient { client in
            let request = HTTPClientRequest(method: .put, url: server.url, body: .stream(chunks))
            let sender = Task { try await client.send(request) }
            await chunks.made.wait(for: 2)
            let other = try RawServer(answer: "HTTP/1.1 204 No Content\r\n\r\n")
            for _ in 0..<20 { _ = try await client.fetch(HTTPClientRequest(url: other.url)) }
            #expect(chunks.made.count < 100)
            sender.cancel()
            let error = await failure { try await sender.value }
            #expect(error?.kind == .cancelled)
            await chunks.ended.wait()
        }
    }

    @Test func anErrorOfTheSequenceFailsTheRequest() async throws {
        let cut = Signal()
        let server = try RawServer { connection in
            connection.readToEnd()
            cut.add()
        }
        try await withClient { client in
            let chunks = Chunks(count: 2, size: 1 << 20, failsAtEnd: true)
            let request = HTTPClientRequest(method: .post, url: server.url, body: .stream(chunks))
            let error = await failure { try await client.send(request) }
            #expect(error?.kind == .requestBody)
            await cut.wait()
        }
    }

    @Test func aSequenceThatIsShorterThanItsLengthFailsTheRequest() async throws {
        let server = try RawServer { $0.readToEnd() }
        try await withClient { client in
            let chunks = Chunks(count: 2, size: 10)
            let request = HTTPClientRequest(
                method: .post,
                url: server.url,
                body: .stream(chunks, length: 100)
            )
            let error = await failure { try await client.send(request) }
            #expect(error?.kind == .requestBody)
        }
    }

    @Test func aSequenceThatIsLongerThanItsLengthFailsTheRequest() async throws {
        let server = try RawServer { $0.readToEnd() }
        try await withClient { client in
            let chunks = Chunks(count: 2, size: 10)
            let request = HTTPClientRequest(method: .post, url: server.url, body: .stream(chunks, length: 15))
            let error = await failure { try await client.send(request) }
            #expect(error?.kind == .requestBody)
        }
    }

    @Test func anAnswerBeforeTheBodysEndStopsTheBody() async throws {
        let chunks = Chunks(count: 100_000, size: 1 << 16)
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            connection.readToEnd()
        }
        try await withClient { client in
            let request = HTTPClientRequest(method: .post, url: server.url, body: .stream(chunks))
            let answer = try await client.fetch(request)
            #expect(answer.status.code == 413)
            await chunks.ended.wait()
            #expect(chunks.made.count < 100_000)
        }
    }
}
