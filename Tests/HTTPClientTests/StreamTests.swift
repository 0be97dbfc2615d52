import Certificates
import HTTPClient
import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamTests {
    private static let chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func aChunkCanBeReadBeforeTheNextIsMade() async throws {
        let wanted = Signal()
        try await withServer { _ in
            Response(
                contentType: .text,
                body: .stream(
                    ResponseStream { writer in
                        for number in 1...20 {
                            await wanted.wait(for: number)
                            try await writer.write(Array("chunk \(number)".utf8))
                        }
                        return []
                    }
                )
            )
        } _: { client, server in
            let response = try await client.send(HTTPClientRequest(url: server.url("/")))
            var iterator = response.body.makeAsyncIterator()
            for number in 1...20 {
                wanted.add()
                let chunk = try await iterator.next()
                #expect(chunk == Array("chunk \(number)".utf8))
            }
            let end = try await iterator.next()
            #expect(end == nil)
        }
    }

    /// The server can send no more than what fits into the buffers on the way; all of it arrives once it is read.
    @Test func aReaderThatWaitsHoldsTheServerBack() async throws {
        let total = 64 * 1024 * 1024
        let sent = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let chunk = [UInt8](repeating: 7, count: 1 << 20)
            while sent.count < total, connection.send(chunk) { sent.add(chunk.count) }
        }
        let other = try RawServer(answer: "HTTP/1.1 204 No Content\r\n\r\n")
        try await withClient { client in
            let response = try await client.send(HTTPClientRequest(url: server.url))
            // While a second transfer moves, the first would too, if it could.
            for _ in 0..<20 { _ = try await client.fetch(HTTPClientRequest(url: other.url)) }
            #expect(sent.count < total / 2)
            var received = 0
            for try await chunk in response.body { received += chunk.count }
            #expect(received == total)
        }
    }

    @Test func droppingTheBodyEndsTheTransfer() async throws {
        let ended = Signal()
        let server = try endlessServer(ended)
        try await withClient { client in
            do {
                let response = try await client.send(HTTPClientRequest(url: server.url))
                var iterator = response.body.makeAsyncIterator()
                _ = try await iterator.next()
                #expect(ended.count == 0)
            }
            await ended.wait()
        }
    }

    @Test func cancellingTheReaderEndsTheTransfer() async throws {
        let ended = Signal()
        let reading = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send(Self.chunkedHead + "1\r\nx\r\n")
            connection.readToEnd()
            ended.add()
        }
        try await withClient { client in
            let response = try await client.send(HTTPClientRequest(url: server.url))
            let body = response.body
            let reader = Task {
                var iterator = body.makeAsyncIterator()
                while try await iterator.next() != nil { reading.add() }
            }
            await reading.wait()
            reader.cancel()
            let error = await failure { try await reader.value }
            #expect(error?.kind == .cancelled)
            await ended.wait()
        }
    }

    @Test func cancellingTheSenderEndsTheTransfer() async throws {
        let arrived = Signal()
        let ended = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            arrived.add()
            connection.readToEnd()
            ended.add()
        }
        try await withClient { client in
            let sender = Task { try await client.send(HTTPClientRequest(url: server.url)) }
            await arrived.wait()
            sender.cancel()
            let error = await failure { try await sender.value }
            #expect(error?.kind == .cancelled)
            await ended.wait()
        }
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        let server = try endlessServer(Signal())
        try await withClient { client in
            let go = Signal()
            let sender = Task {
                await go.wait()
                return try await client.send(HTTPClientRequest(url: server.url))
            }
            sender.cancel()
            go.add()
            let error = await failure { try await sender.value }
            #expect(error?.kind == .cancelled)
        }
        #expect(server.connections.count == 0)
    }

    @Test func shuttingDownEndsEverything() async throws {
        let arrived = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            arrived.add()
            connection.readToEnd()
        }
        let client = try HTTPClient()
        let sender = Task { try await client.send(HTTPClientRequest(url: server.url)) }
        await arrived.wait()
        await client.shutDown()
        let error = await failure { try await sender.value }
        #expect(error?.kind == .cancelled)
        let late = await failure { try await client.fetch(HTTPClientRequest(url: server.url)) }
        #expect(late?.kind == .cancelled)
        await client.shutDown()
    }

    @Test func aBodyKeepsItsClientAlive() async throws {
        let server = try RawServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")
        let response = try await HTTPClient().send(HTTPClientRequest(url: server.url))
        let body = try await response.body.collect(upTo: 10)
        #expect(body == Array("body".utf8))
    }

    @Test func aConnectionServesManyRequests() async throws {
        let server = try RawServer { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
            }
        }
        try await withClient { client in
            for _ in 0..<50 { _ = try await client.fetch(HTTPClientRequest(url: server.url)) }
        }
        #expect(server.connections.count == 1)
    }

    /// The first requests are answered only when all have come.
    @Test(arguments: [false, true])
    func aRequestDoesNotWaitForAnothersAnswer(usesTLS: Bool) async throws {
        let arrived = Signal()
        let authority = try CertificateAuthority(named: "test", validFor: 3600)
        let identity = try authority.issueServer("server", names: [.ip("127.0.0.1")], validFor: 3600)
        let context = try TLSContext(certificates: identity.certificates, key: identity.key)
        let server = try await LocalServer(tls: usesTLS ? context : nil) { _ in
            arrived.add()
            await arrived.wait(for: 20)
            return .text("x")
        }
        try await withClient { client in
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        let scheme = usesTLS ? "https" : "http"
                        var request = HTTPClientRequest(url: "\(scheme)://127.0.0.1:\(server.port)/")
                        request.tls.certificateAuthorities = authority.identity.certificates
                        let answer = try await client.fetch(request)
                        #expect(answer.text == "x")
                    }
                }
                try await group.waitForAll()
            }
        }
        await server.stop()
    }

    @Test func aConnectionThatTheServerClosedIsReplaced() async throws {
        let closed = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
            connection.reset()
            closed.add()
        }
        try await withClient { client in
            for number in 1...5 {
                _ = try await client.fetch(HTTPClientRequest(url: server.url))
                await closed.wait(for: number)
            }
        }
    }

    @Test func programsThatAreStartedDoNotKeepConnectionsOpen() async throws {
        let ended = Signal()
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
            connection.readToEnd()
            ended.add()
        }
        let client = try HTTPClient()
        _ = try await client.fetch(HTTPClientRequest(url: server.url))
        let program = ChildProgram(["sh", "-c", "echo started; exec tail -f /dev/null"])
        _ = try await program.output(with: "started")
        await client.shutDown()
        await ended.wait()
        program.stop()
    }

    private func endlessServer(_ ended: Signal) throws -> RawServer {
        try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send(Self.chunkedHead)
            while connection.send("1\r\nx\r\n") {}
            ended.add()
        }
    }
}
