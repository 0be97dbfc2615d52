import Certificates
import HTTPClient
import HTTPServer

/// HTTP/2 over TLS on a free loopback port: nghttpx before a server whose answers a test makes. It offers HTTP/1.1 too.
final class HTTP2Server: Sendable {
    let authority: [UInt8]
    private let backend: LocalServer
    private let proxy: ChildProgram
    private let front: RawServer
    private let folder: TemporaryFolder

    /// TCP connections that clients have made.
    var connections: Int { front.connections.count }

    func url(_ path: String) -> String { "https://localhost:\(front.port)\(path)" }

    init(_ answer: @escaping @Sendable (Request) async throws -> Response) async throws {
        backend = try await LocalServer(answer)
        let authority = try CertificateAuthority(named: "test", validFor: 3600)
        let identity = try authority.issueServer("localhost", names: [.dns("localhost")], validFor: 3600)
        self.authority = authority.identity.certificates
        folder = try TemporaryFolder()
        let socket = "\(folder.path)/socket"
        proxy = ChildProgram([
            "nghttpx", "--conf=/dev/null", "--single-process", "--no-ocsp", "--workers=1",
            "--frontend=unix:\(socket)", "--backend=127.0.0.1,\(backend.port)",
            "--frontend-http2-max-concurrent-streams=3000",
            "--backend-connections-per-host=3000",
            // However slow the machine, no stream is given up for its silence, which is a minute at most otherwise.
            "--frontend-http2-read-timeout=1h", "--frontend-read-timeout=1h", "--frontend-write-timeout=1h",
            "--frontend-http2-settings-timeout=1h", "--stream-write-timeout=1h",
            "--backend-read-timeout=1h", "--backend-write-timeout=1h", "--backend-connect-timeout=1h",
            try folder.write(identity.key, as: "key.pem"),
            try folder.write(identity.certificates, as: "cert.pem"),
        ])
        // nghttpx takes no port 0, so a port of our own leads to its socket.
        front = try RawServer { connection in
            guard let other = Relay.connect(path: socket) else { return }
            Relay.run(connection, other)
        }
        _ = try await proxy.output(with: "Listening on UNIX domain socket")
    }

    func stop() async {
        proxy.stop()
        await backend.stop()
    }
}

/// Runs `body` with a client and an HTTP/2 server that answers with `answer`.
func withHTTP2Server(
    _ answer: @escaping @Sendable (Request) async throws -> Response,
    _ body: (HTTPClient, HTTP2Server) async throws -> Void
) async throws {
    let server = try await HTTP2Server(answer)
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await withClient { try await body($0, server) })
    } catch {
        outcome = .failure(error)
    }
    await server.stop()
    try outcome.get()
}
