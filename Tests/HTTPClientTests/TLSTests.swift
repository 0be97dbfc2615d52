import Certificates
import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct TLSTests {
    private static let authority = Result { try CertificateAuthority(named: "test", validFor: 3600) }

    /// Runs `body` with an HTTPS server that has a certificate for `name`.
    private static func withTLSServer(
        _ name: CertificateAuthority.Name,
        validFor seconds: Int = 3600,
        _ body: (HTTPClient, LocalServer, _ authority: [UInt8]) async throws -> Void
    ) async throws {
        let authority = try authority.get()
        let identity = try authority.issueServer("server", names: [name], validFor: seconds)
        let context = try TLSContext(certificates: identity.certificates, key: identity.key)
        let server = try await LocalServer(tls: context) { request in
            .text("for \(HTTPField.Name("Host").flatMap { request[$0] } ?? "")")
        }
        do {
            try await withClient { try await body($0, server, authority.identity.certificates) }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private static func request(_ server: LocalServer, _ host: String) -> HTTPClientRequest {
        HTTPClientRequest(url: "https://\(host):\(server.port)/")
    }

    @Test func aServerWhoseAuthorityIsGivenIsTrusted() async throws {
        try await Self.withTLSServer(.ip("127.0.0.1")) { client, server, authority in
            var request = Self.request(server, "127.0.0.1")
            request.tls.certificateAuthorities = authority
            let answer = try await client.fetch(request)
            #expect(answer.text == "for 127.0.0.1:\(server.port)")
        }
    }

    @Test func aServerOfAnUnknownAuthorityIsATLSError() async throws {
        try await Self.withTLSServer(.ip("127.0.0.1")) { client, server, _ in
            let error = await failure { try await client.fetch(Self.request(server, "127.0.0.1")) }
            #expect(error?.kind == .tls)
            #expect(error?.host == "127.0.0.1:\(server.port)")
            var request = Self.request(server, "127.0.0.1")
            request.tls.certificateAuthorities =
                try CertificateAuthority(named: "other", validFor: 3600).identity.certificates
            let other = await failure { try await client.fetch(request) }
            #expect(other?.kind == .tls)
        }
    }

    @Test func trustInOneRequestIsNoTrustInTheNext() async throws {
        try await Self.withTLSServer(.ip("127.0.0.1")) { client, server, authority in
            var request = Self.request(server, "127.0.0.1")
            request.tls.certificateAuthorities = authority
            _ = try await client.fetch(request)
            let error = await failure { try await client.fetch(Self.request(server, "127.0.0.1")) }
            #expect(error?.kind == .tls)
            request.tls = TLSOptions(verifiesServer: false)
            _ = try await client.fetch(request)
            let again = await failure { try await client.fetch(Self.request(server, "127.0.0.1")) }
            #expect(again?.kind == .tls)
        }
    }

    @Test func aCertificateForAnotherNameIsATLSErrorUnlessTheNameIsOverridden() async throws {
        try await Self.withTLSServer(.dns("kubernetes.example")) { client, server, authority in
            var request = Self.request(server, "127.0.0.1")
            request.tls.certificateAuthorities = authority
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .tls)
            request.tls.serverName = "kubernetes.example"
            let answer = try await client.fetch(request)
            #expect(answer.text == "for 127.0.0.1:\(server.port)")
            #expect(answer.url == request.url)
            request.tls.serverName = "other.example"
            let other = await failure { try await client.fetch(request) }
            #expect(other?.kind == .tls)
        }
    }

    @Test func theOverriddenNameIsAskedFor() async throws {
        let hello = Signal()
        let server = try RawServer { connection in
            let bytes = connection.read(16_384) ?? []
            let name = Array("kubernetes.example".utf8)
            if (0..<max(0, bytes.count - name.count)).contains(where: { bytes[$0...].starts(with: name) }) {
                hello.add()
            }
        }
        try await withClient { client in
            var request = HTTPClientRequest(url: "https://127.0.0.1:\(server.port)/")
            request.tls.serverName = "kubernetes.example"
            request.deadlines.connect = nil
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .tls)
            await hello.wait()
        }
    }

    @Test func verificationCanBeTurnedOff() async throws {
        try await Self.withTLSServer(.dns("elsewhere.example")) { client, server, _ in
            var request = Self.request(server, "127.0.0.1")
            request.tls.verifiesServer = false
            let answer = try await client.fetch(request)
            #expect(answer.status == .ok)
        }
    }

    @Test func anExpiredCertificateIsATLSError() async throws {
        try await Self.withTLSServer(.ip("127.0.0.1"), validFor: -10) { client, server, authority in
            var request = Self.request(server, "127.0.0.1")
            request.tls.certificateAuthorities = authority
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .tls)
        }
    }

    @Test func textThatIsNoCertificateIsATLSError() async throws {
        try await Self.withTLSServer(.ip("127.0.0.1")) { client, server, authority in
            let nonsense = Array("nonsense".utf8)
            var request = Self.request(server, "127.0.0.1")
            for bytes in [nonsense, []] {
                request.tls = TLSOptions(certificateAuthorities: bytes)
                let error = await failure { try await client.fetch(request) }
                #expect(error?.kind == .tls)
                request.tls = TLSOptions(certificateAuthorities: authority)
                request.tls.clientCertificate = ClientCertificate(chain: bytes, privateKey: bytes)
                let other = await failure { try await client.fetch(request) }
                #expect(other?.kind == .tls)
            }
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func aServerThatAsksForACertificateGetsIt(version: String) async throws {
        let own = try CertificateAuthority(named: "client", validFor: 3600).identity
        let other = try CertificateAuthority(named: "other", validFor: 3600).identity
        let server = try await OpenSSLServer(
            Self.authority.get(),
            ["-www", version, "-Verify", "1", "-verify_return_error", "-CAfile", "%client"],
            client: own.certificates
        )
        try await withClient { client in
            var request = HTTPClientRequest(url: server.url)
            request.tls.certificateAuthorities = server.authority
            request.tls.clientCertificate = ClientCertificate(chain: own.certificates, privateKey: own.key)
            let answer = try await client.fetch(request)
            #expect(answer.status == .ok)
            request.tls.clientCertificate = ClientCertificate(
                chain: other.certificates,
                privateKey: other.key
            )
            let wrong = await failure { try await client.fetch(request) }
            #expect(wrong?.kind == .tls, "\(wrong?.reason ?? "")")
            request.tls.clientCertificate = nil
            let none = await failure { try await client.fetch(request) }
            #expect(none?.kind == .tls, "\(none?.reason ?? "")")
            request.tls.clientCertificate = ClientCertificate(chain: own.certificates, privateKey: other.key)
            let mixed = await failure { try await client.fetch(request) }
            #expect(mixed?.kind == .tls)
        }
    }

    @Test func tls1_1IsRefused() async throws {
        let server = try await OpenSSLServer(
            Self.authority.get(),
            ["-www", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]
        )
        try await withClient { client in
            var request = HTTPClientRequest(url: server.url)
            request.tls.certificateAuthorities = server.authority
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .tls)
        }
    }

    @Test func aServerThatSpeaksNoTLSIsATLSError() async throws {
        let server = try RawServer { connection in
            _ = connection.read(1)
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        try await withClient { client in
            let url = "https://127.0.0.1:\(server.port)/"
            let error = await failure { try await client.fetch(HTTPClientRequest(url: url)) }
            #expect(error?.kind == .tls)
        }
    }
}

/// `openssl s_server` on a free loopback port, with a certificate for 127.0.0.1.
final class OpenSSLServer: Sendable {
    struct NoPort: Error {}

    let url: String
    let authority: [UInt8]
    private let program: ChildProgram
    private let folder: TemporaryFolder

    /// - Parameter options: its options; `%client` stands for the path of `client`.
    init(_ authority: CertificateAuthority, _ options: [String], client: [UInt8] = []) async throws {
        let identity = try authority.issueServer("server", names: [.ip("127.0.0.1")], validFor: 3600)
        self.authority = authority.identity.certificates
        folder = try TemporaryFolder()
        let clientPath = try folder.write(client, as: "client.pem")
        program = ChildProgram(
            [
                "openssl", "s_server", "-accept", "127.0.0.1:0",
                "-cert", try folder.write(identity.certificates, as: "cert.pem"),
                "-key", try folder.write(identity.key, as: "key.pem"),
            ] + options.map { $0 == "%client" ? clientPath : $0 }
        )
        let line = try await program.line(beginningWith: "ACCEPT ")
        guard let port = line.split(separator: ":").last else { throw NoPort() }
        url = "https://127.0.0.1:\(port)/"
    }
}
