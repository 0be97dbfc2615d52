import HTTPClient
import HTTPTypes
import Testing

/// Servers that do not do what they should.
@Suite(.timeLimit(.minutes(10))) struct FailureTests {
    /// An answer that is none, and the error that it leads to.
    struct Nonsense: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var kind: HTTPClientError.Kind

        init(_ name: String, _ answer: String, _ kind: HTTPClientError.Kind) {
            testDescription = name
            self.answer = answer
            self.kind = kind
        }
    }

    private static let ok = "HTTP/1.1 200 OK\r\n"
    private static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
    private static let longLine = "X: \(String(repeating: "x", count: 200_000))\r\n"
    private static let longLines = String(
        repeating: "X: \(String(repeating: "x", count: 9000))\r\n",
        count: 40
    )

    @Test(arguments: [
        Nonsense("half a body", ok + "Content-Length: 10\r\n\r\nhalf", .cutOff),
        Nonsense("no last chunk", chunked + "5\r\nhello\r\n", .cutOff),
        Nonsense("half a chunk", chunked + "5\r\nhel", .cutOff),
        Nonsense("a chunk without a size", chunked + "nonsense\r\n", .protocolViolation),
        Nonsense("half a head", ok + "Content-Le", .cutOff),
        Nonsense("nothing", "", .cutOff),
        Nonsense("text", "This is not HTTP.\r\n", .protocolViolation),
        Nonsense("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", .protocolViolation),
        Nonsense("a length in words", ok + "Content-Length: minus one\r\n\r\n", .protocolViolation),
        Nonsense("a negative length", ok + "Content-Length: -1\r\n\r\n", .protocolViolation),
        Nonsense("a field without a colon", ok + "no colon\r\n\r\n", .protocolViolation),
        Nonsense(
            "a field with a bad name",
            ok + "b@d: field\r\nContent-Length: 0\r\n\r\n",
            .protocolViolation
        ),
        Nonsense("an upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .protocolViolation),
        Nonsense(
            "false gzip",
            ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
            .protocolViolation
        ),
        Nonsense("a long line", ok + longLine + "\r\n", .tooLarge),
        Nonsense("a long head", ok + longLines + "\r\n", .tooLarge),
    ])
    func anAnswerThatIsNoneFails(nonsense: Nonsense) async throws {
        let server = try RawServer(answer: nonsense.answer)
        try await withClient { client in
            let error = await failure { try await client.fetch(HTTPClientRequest(url: server.url)) }
            #expect(error?.kind == nonsense.kind, "\(error?.reason ?? "")")
            #expect(error?.host == "127.0.0.1:\(server.port)")
        }
    }

    @Test func aResetInTheBodyIsACutOff() async throws {
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            connection.reset()
        }
        try await withClient { client in
            let error = await failure { try await client.fetch(HTTPClientRequest(url: server.url)) }
            #expect(error?.kind == .cutOff)
        }
    }

    @Test func whatArrivedBeforeTheCutCanBeRead() async throws {
        let server = try RawServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        try await withClient { client in
            let response = try await client.send(HTTPClientRequest(url: server.url))
            var received: [UInt8] = []
            let error = await failure {
                for try await chunk in response.body { received += chunk }
            }
            #expect(error?.kind == .cutOff)
            #expect(received == Array("half".utf8))
        }
    }

    @Test func interimAnswersArePassedOver() async throws {
        let server = try RawServer(
            answer: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"
        )
        try await withClient { client in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url))
            #expect(answer.status == .noContent)
            #expect(answer.headers == [.server: "x"])
        }
    }

    @Test func aClosedPortIsAConnectError() async throws {
        let closed = try ClosedPort()
        try await withClient { client in
            let error = await failure {
                try await client.fetch(
                    HTTPClientRequest(url: "http://127.0.0.1:\(closed.port)/?token=hidden")
                )
            }
            #expect(error?.kind == .connect)
            #expect(error?.host == "127.0.0.1:\(closed.port)")
        }
    }

    @Test func aNameWithoutAnAddressIsAResolveError() async throws {
        try await withClient { client in
            var request = HTTPClientRequest(url: "http://user:hidden@name.invalid/?token=hidden")
            // How long a resolver takes to find nothing is not ours to say.
            request.deadlines.connect = nil
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .resolve)
            #expect(error?.host == "name.invalid:80")
            #expect(error.map { !"\($0)".contains("hidden") } == true)
        }
    }

    @Test(arguments: [
        "", "nonsense", "ftp://localhost/", "file:///etc/passwd", "http://", "http://a b/",
        "http://localhost:99999/",
        "http://localhost/\0", "/relative", "http://[::1/", "http://localhost/a b",
    ])
    func aURLThatCannotBeUsedIsRefused(url: String) async throws {
        try await withClient { client in
            let error = await failure { try await client.fetch(HTTPClientRequest(url: url)) }
            #expect(error?.kind == .invalidRequest)
        }
    }

    @Test(arguments: ["Host", "content-length", "Transfer-Encoding", "Connection"])
    func theClientsOwnFieldsAreRefused(name: String) async throws {
        try await withClient { client in
            var request = HTTPClientRequest(url: "http://localhost/")
            request.headers = [try #require(HTTPField.Name(name)): "1"]
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .invalidRequest)
        }
    }

    @Test(arguments: ["", "a b", "a\r\nX-Injected: 1", "ä"])
    func aHostThatNoFieldCanSayIsRefused(host: String) async throws {
        try await withClient { client in
            var request = HTTPClientRequest(url: "http://localhost/")
            request.host = host
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .invalidRequest)
        }
    }

    @Test func anAnswerThatIsTooLongIsRefused() async throws {
        try await withServer { _ in
            .text(String(repeating: "x", count: 1000))
        } _: { client, server in
            var request = HTTPClientRequest(url: server.url("/"))
            let answer = try await client.fetch(request, upTo: 1000)
            #expect(answer.body.count == 1000)
            let error = await failure { try await client.fetch(request, upTo: 999) }
            #expect(error?.kind == .tooLarge)
            request.maximumResponseBytes = 999
            let late = await failure { try await client.send(request) }
            #expect(late?.kind == .tooLarge)
        }
        let server = try RawServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while connection.send("5\r\nhello\r\n") {}
        }
        try await withClient { client in
            let error = await failure {
                try await client.fetch(HTTPClientRequest(url: server.url), upTo: 1 << 20)
            }
            #expect(error?.kind == .tooLarge)
        }
    }
}
