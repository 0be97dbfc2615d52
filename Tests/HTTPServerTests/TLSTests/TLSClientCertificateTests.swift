import Certificates
import HTTPServer
import Testing

/// Clients that say who they are.
@Suite(.timeLimit(.minutes(10)))
struct TLSClientCertificateTests {
    private static let alice = CertificateSubject(
        commonName: "alice",
        organizations: ["system:masters", "größer"]
    )

    /// What the server sees of a client that shows `identity`.
    private func peer(_ server: TestServer, _ identity: TLSIdentity?, isOld: Bool = false) throws -> String {
        let session = try server.tls?.client {
            $0.identity = identity
            $0.endsAtTLS12 = isOld
        }
        let client = try RawClient(port: server.port, tls: session)
        try client.send(Requests.get("/peer"))
        return try client.readResponse().text
    }

    @Test(arguments: [false, true])
    func `a request carries the names of its client's certificate`(_ isOld: Bool) async throws {
        let tls = try TestTLS.make(clients: { .optional(authorities: $0.identity.certificates) })
        let alice = try tls.authority.issueClient(Self.alice, validFor: 600)
        let nameless = CertificateSubject(commonName: nil, organizations: ["o"])
        let group = try tls.authority.issueClient(nameless, validFor: 600)
        try await withServer(tls: tls) { server async throws in
            #expect(try peer(server, alice, isOld: isOld) == "alice/system:masters/größer")
            #expect(try peer(server, group, isOld: isOld) == "nobody/o")
            #expect(try peer(server, nil, isOld: isOld) == "nobody")
        }
    }

    @Test func `the certificates of strangers, servers and the past are refused`() async throws {
        let tls = try TestTLS.make(clients: { .optional(authorities: $0.identity.certificates) })
        let stranger = try CertificateAuthority(named: "test authority", validFor: 600)
        let refused = try [
            stranger.issueClient(Self.alice, validFor: 600),
            tls.authority.issueServer("alice", names: [.dns("alice")], validFor: 600),
            tls.authority.issueClient(Self.alice, validFor: -30),
        ]
        try await withServer(tls: tls) { server async throws in
            for identity in refused {
                #expect(throws: TLSClientSession.Failure.self) { try peer(server, identity) }
            }
            #expect(try peer(server, nil) == "nobody")
        }
    }

    @Test func `where a certificate is required no client gets in without`() async throws {
        let tls = try TestTLS.make(clients: { .required(authorities: $0.identity.certificates) })
        let alice = try tls.authority.issueClient(Self.alice, validFor: 600)
        try await withServer(tls: tls) { server async throws in
            #expect(throws: TLSClientSession.Failure.self) { try peer(server, nil) }
            #expect(try peer(server, alice) == "alice/system:masters/größer")
        }
    }

    @Test func `a server that does not ask knows no names`() async throws {
        let tls = try TestTLS.make()
        let alice = try tls.authority.issueClient(Self.alice, validFor: 600)
        try await withServer(tls: tls) { server async throws in
            #expect(try peer(server, alice) == "nobody")
        }
    }

    @Test func `a session that is resumed keeps its client's names`() async throws {
        let tls = try TestTLS.make(clients: { .optional(authorities: $0.identity.certificates) })
        let alice = try tls.authority.issueClient(Self.alice, validFor: 600)
        try await withServer(tls: tls) { server async throws in
            let first = try tls.client { $0.identity = alice }
            let client = try RawClient(port: server.port, tls: first)
            try client.send(Requests.get("/peer"))
            _ = try client.readResponse()
            let ticket = first.ticket
            let again = try tls.client { $0.resumes = ticket }
            let next = try RawClient(port: server.port, tls: again)
            try next.send(Requests.get("/peer"))
            #expect(try next.readResponse().text == "alice/system:masters/größer")
            #expect(again.isResumed)
        }
    }
}
