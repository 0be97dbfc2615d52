import Certificates
import HTTPServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An authority, and what it issues to the fixture and its clients.
struct FixtureCertificates: Sendable {
    /// What is asked of clients.
    enum Clients: String {
        case ignored, optional, required
    }

    struct CannotWrite: Error {
        let path: String
    }

    let authority: CertificateAuthority
    let clients: Clients

    init(folder: String, clients: Clients) throws {
        authority = try CertificateAuthority(named: "fixture authority", validFor: 3650 * 86_400)
        self.clients = clients
        let client = try authority.issueClient(
            CertificateSubject(commonName: "alice", organizations: ["system:masters", "developers"]),
            validFor: 86_400
        )
        try Self.write(authority.identity.certificates, to: "\(folder)/ca.pem")
        try Self.write(client.certificates, to: "\(folder)/client.pem")
        try Self.write(client.key, to: "\(folder)/client.key")
    }

    /// A context with a new certificate.
    func context() throws -> TLSContext {
        let server = try authority.issueServer(
            "localhost",
            names: [.dns("localhost"), .ip("127.0.0.1"), .ip("::1")],
            validFor: 825 * 86_400
        )
        let trusted = authority.identity.certificates
        let asked: TLSContext.ClientCertificates =
            switch clients {
            case .ignored: .ignored
            case .optional: .optional(authorities: trusted)
            case .required: .required(authorities: trusted)
            }
        return try TLSContext(certificates: server.certificates, key: server.key, clients: asked)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw CannotWrite(path: path) }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw CannotWrite(path: path) }
    }
}
