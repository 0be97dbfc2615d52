import Testing

@testable import Certificates

struct CertificateAuthorityTests {
    @Test("an issued certificate serves for its names while it is valid, and for no other authority")
    func issues() throws {
        let authority = try CertificateAuthority(named: "test", validFor: 7200)
        let server = try authority.issueServer(
            "localhost",
            names: [.dns("localhost"), .ip("127.0.0.1"), .ip("::1")],
            validFor: 3600
        )
        #expect(
            authority.stillServes(server, names: [.dns("localhost"), .ip("127.0.0.1"), .ip("::1")], for: 60)
        )
        #expect(!authority.stillServes(server, names: [.dns("example.com")], for: 60))
        #expect(!authority.stillServes(server, names: [.ip("127.0.0.2")], for: 60))
        #expect(!authority.stillServes(server, names: [.dns("localhost")], for: 4000))
        let other = try CertificateAuthority(named: "test", validFor: 7200)
        #expect(!other.stillServes(server, names: [.dns("localhost")], for: 60))
    }

    @Test("an authority is the same after its certificate and key were kept")
    func survives() throws {
        let made = try CertificateAuthority(named: "test", validFor: 7200)
        let kept = CertificateAuthority(made.identity)
        let server = try kept.issueServer("a", names: [.dns("a.example")], validFor: 3600)
        #expect(made.stillServes(server, names: [.dns("a.example")], for: 60))
    }

    @Test("what is no PEM is refused")
    func refuses() throws {
        let broken = CertificateAuthority(TLSIdentity(certificates: Array("x".utf8), key: []))
        #expect(throws: CertificateFailure.self) {
            try broken.issueServer("a", names: [.dns("a")], validFor: 60)
        }
        #expect(!broken.stillServes(TLSIdentity(certificates: [], key: []), names: [], for: 0))
    }

    @Test("a client's certificate says who it is")
    func clients() throws {
        let authority = try CertificateAuthority(named: "test", validFor: 7200)
        let subject = CertificateSubject(
            commonName: "system:admin",
            organizations: ["system:masters", "öffentlich"]
        )
        #expect(try authority.issueClient(subject, validFor: 60).subject() == subject)
        let nameless = CertificateSubject(commonName: nil, organizations: [])
        #expect(try authority.issueClient(nameless, validFor: 60).subject() == nameless)
        #expect(try authority.identity.subject().commonName == "test")
        let tooLong = CertificateSubject(commonName: String(repeating: "a", count: 65))
        #expect(throws: CertificateFailure.self) { try authority.issueClient(tooLong, validFor: 60) }
    }

    @Test("a certificate ends when it was said to")
    func ends() throws {
        let authority = try CertificateAuthority(named: "test", validFor: 10 * 365 * 86_400)
        let start = try authority.identity.expiry()
        let server = try authority.issueServer("a", names: [.dns("a")], validFor: 3600)
        let later = try authority.identity.expiry() - server.expiry()
        #expect(start == (try authority.identity.expiry()))
        #expect(abs(later - (10 * 365 * 86_400 - 3600)) < 60)
        #expect(!authority.stillServes(server, names: [.dns("a")], for: .max))
        let past = try authority.issueServer("a", names: [.dns("a")], validFor: -10)
        #expect(!authority.stillServes(past, names: [.dns("a")], for: 0))
    }

    @Test("a certificate does not serve with another key")
    func otherKey() throws {
        let authority = try CertificateAuthority(named: "test", validFor: 7200)
        let one = try authority.issueServer("a", names: [.dns("a")], validFor: 3600)
        let two = try authority.issueServer("a", names: [.dns("a")], validFor: 3600)
        let mixed = TLSIdentity(certificates: one.certificates, key: two.key)
        #expect(authority.stillServes(one, names: [.dns("a")], for: 60))
        #expect(!authority.stillServes(mixed, names: [.dns("a")], for: 60))
    }

    @Test(
        "what is no name is refused, so that none can bring another along",
        arguments: ["", "a,DNS:b", "a\nDNS:b", "a b", "@section", "ü.example"]
    )
    func badNames(_ name: String) throws {
        let authority = try CertificateAuthority(named: "test", validFor: 7200)
        #expect(throws: CertificateFailure.self) {
            try authority.issueServer("a", names: [.dns(name)], validFor: 60)
        }
        #expect(throws: CertificateFailure.self) {
            try authority.issueServer("a", names: [.ip(name)], validFor: 60)
        }
    }

    @Test("a server needs a name")
    func nameless() throws {
        let authority = try CertificateAuthority(named: "test", validFor: 7200)
        #expect(throws: CertificateFailure.self) { try authority.issueServer("a", names: [], validFor: 60) }
    }
}
