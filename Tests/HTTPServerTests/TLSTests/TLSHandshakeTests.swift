import Certificates
import HTTPServer
import Testing

/// How connections are encrypted, and which are not begun.
@Suite(.timeLimit(.minutes(10)))
struct TLSHandshakeTests {
    @Test(arguments: [false, true])
    func `a client that knows no newer version speaks TLS 1.2, every other TLS 1.3`(_ isOld: Bool)
        async throws
    {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client { $0.endsAtTLS12 = isOld })
            let client = try RawClient(port: server.port, tls: session)
            for _ in 0..<3 {
                try client.send(Requests.text)
                #expect(try client.readResponse().body == TestRoutes.text)
            }
            #expect(session.version == (isOld ? "TLSv1.2" : "TLSv1.3"))
        }
    }

    @Test func `TLS 1.1 is refused`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let session = try server.tls?.client { $0.endsAtTLS11 = true }
            let client = try RawClient(port: server.port, tls: session)
            #expect(throws: TLSClientSession.Failure.self) { try client.send(Requests.text) }
            #expect(try server.isServing())
        }
    }

    @Test(arguments: [
        (["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), (["h2"], nil), ([], nil),
    ])
    func `of the protocols that a client offers HTTP/1.1 is chosen`(_ offered: [String], _ chosen: String?)
        async throws
    {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client { $0.protocols = offered })
            let client = try RawClient(port: server.port, tls: session)
            try client.send(Requests.text)
            #expect(try client.readResponse().status == 200)
            #expect(session.chosenProtocol == chosen)
        }
    }

    @Test func `the client refuses a server of another authority, and one with another name`() async throws {
        let other = try CertificateAuthority(named: "another", validFor: 3600)
        try await withServer(tls: .make()) { server async throws in
            let strangers = try [
                server.tls?.client { $0.authorities = other.identity.certificates },
                server.tls?.client { $0.serverName = "wrong.example" },
            ]
            for session in strangers {
                let client = try RawClient(port: server.port, tls: session)
                let failure = #expect(throws: TLSClientSession.Failure.self) {
                    try client.send(Requests.text)
                }
                #expect(failure?.reason == "certificate verify failed")
            }
            #expect(try server.isServing())
        }
    }

    @Test(arguments: [false, true])
    func `a client goes on with its session in another connection`(_ isOld: Bool) async throws {
        try await withServer(tls: .make(clients: { .optional(authorities: $0.identity.certificates) })) {
            server async throws in
            let first = try #require(try server.tls?.client { $0.endsAtTLS12 = isOld })
            let client = try RawClient(port: server.port, tls: first)
            try client.send(Requests.text)
            _ = try client.readResponse()
            #expect(!first.isResumed)
            let ticket = first.ticket
            let again = try #require(
                try server.tls?.client {
                    $0.endsAtTLS12 = isOld
                    $0.resumes = ticket
                }
            )
            let next = try RawClient(port: server.port, tls: again)
            try next.send(Requests.text)
            #expect(try next.readResponse().body == TestRoutes.text)
            #expect(again.isResumed)
        }
    }

    @Test func `a new certificate is shown to new clients, and old connections go on`() async throws {
        let tls = try TestTLS.make()
        let renamed = try TestTLS(tls.authority, names: [.dns("renamed.example")])
        try await withServer(tls: tls) { server async throws in
            let old = try server.connect()
            try old.send(Requests.text)
            #expect(try old.readResponse().status == 200)
            server.server.apply(renamed.context)
            try eventually {
                let session = try tls.client { $0.serverName = "renamed.example" }
                let client = try RawClient(port: server.port, tls: session)
                do {
                    try client.send(Requests.text)
                    return try client.readResponse().status == 200
                } catch is TLSClientSession.Failure {
                    return false
                }
            }
            try old.send(Requests.text)
            #expect(try old.readResponse().body == TestRoutes.text)
        }
    }

    @Test func `negotiating anew is refused`() async throws {
        try await withServer(tls: .make()) { server async throws in
            let session = try #require(try server.tls?.client { $0.endsAtTLS12 = true })
            let client = try RawClient(port: server.port, tls: session)
            try client.send(Requests.text)
            #expect(try client.readResponse().status == 200)
            try client.sendRaw(try session.renegotiation())
            #expect(throws: TLSClientSession.Failure.self) { try client.readToEnd() }
            #expect(try server.isServing())
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST",
    ])
    func `plain HTTP is told that TLS is spoken here`(_ request: String) async throws {
        try await withServer(tls: .make()) { server async throws in
            let client = try RawClient(port: server.port)
            try client.send(request)
            let response = try client.readResponse()
            #expect(response.status == 400)
            #expect(response["content-type"] == "text/plain; charset=utf-8")
            #expect(response["connection"] == "close")
            #expect(response.text == "Client sent an HTTP request to an HTTPS server.\n")
            #expect(try client.isClosedByPeer)
            #expect(try server.isServing())
        }
    }
}
