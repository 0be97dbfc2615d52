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
}
