import Certificates
import Glibc
import HTTPServer

/// The certificates of a test server and its clients.
struct TestTLS: Sendable {
    let authority: CertificateAuthority
    let context: TLSContext

    /// A server for `localhost`.
    static func make(clients: (CertificateAuthority) -> TLSContext.ClientCertificates = { _ in .ignored })
        throws
        -> TestTLS
    {
        let authority = try CertificateAuthority(named: "test authority", validFor: 3600)
        return try TestTLS(authority, clients: clients(authority))
    }

    /// A server for `localhost` with a new certificate of the same authority.
    init(
        _ authority: CertificateAuthority,
        names: [CertificateAuthority.Name] = [.dns("localhost"), .ip("127.0.0.1")],
        clients: TLSContext.ClientCertificates = .ignored
    ) throws {
        self.authority = authority
        let server = try authority.issueServer("test server", names: names, validFor: 3600)
        context = try TLSContext(certificates: server.certificates, key: server.key, clients: clients)
    }

    /// A client that believes the authority.
    var options: TLSClientSession.Options {
        TLSClientSession.Options(authorities: authority.identity.certificates)
    }

    /// The client's side of a connection.
    func client(_ change: (inout TLSClientSession.Options) -> Void = { _ in }) throws -> TLSClientSession {
        var options = options
        change(&options)
        return try TLSClientSession(options)
    }

    /// What all test servers speak: `INGOT_TEST_TLS` in the environment makes it TLS, so that everything that holds of
    /// plain connections is seen to hold of encrypted ones.
    static let ofAllServers: TestTLS? = getenv("INGOT_TEST_TLS") == nil ? nil : try? make()
}
