import Certificates
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Kubernetes
import Logging
import Testing

@Suite(.timeLimit(.minutes(10))) struct TLSTests {
    private struct NoLoopback: Error {}

    /// Runs `body` with the port and the authority of a server on 127.0.0.1 whose certificate is for other names.
    private func withServer(_ body: (_ port: UInt16, _ authority: [UInt8]) async throws -> Void) async throws
    {
        let authority = try CertificateAuthority(named: "test", validFor: 3600)
        let server = try authority.issueServer("server", names: [.dns("cluster.example")], validFor: 3600)
        let route = Route(
            .get,
            "/{rest...}",
            access: .anyone,
            documentation: .init(
                operationID: "get",
                summary: "A pod",
                tag: "Test",
                answers: [.init(200, "A pod.")]
            ),
            handler: .asynchronous { _ in Response(json: ["ok": true] as JSONValue) }
        )
        let surface = Surface(name: "test", routes: [route], errorSchema: .object { [] }) { _, _, _ in }
        var settings = ServerSettings()
        settings.eventLoops = 1
        settings.gracePeriod = .milliseconds(10)
        guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { throw NoLoopback() }
        let running = try await Server.start(
            address,
            router: try Router([surface]),
            settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            tls: TLSContext(certificates: server.certificates, key: server.key)
        )
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(running.address.port, authority.identity.certificates))
        } catch {
            outcome = .failure(error)
        }
        await running.stop()
        try outcome.get()
    }

    /// Fetches a pod from the server that a kubeconfig's cluster describes.
    private func fetch(_ cluster: String) async throws -> JSONValue {
        try await withClient(of: cluster) { try await $0.get(pods, "a", namespace: "n") }
    }

    /// Runs `body` with a client of the server that a kubeconfig's cluster describes.
    private func withClient<Value: Sendable>(
        of cluster: String,
        timing: Timing = .real,
        _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        let text = """
            current-context: c
            contexts: [{name: c, context: {cluster: k}}]
            clusters: [{name: k, cluster: {\(cluster)}}]
            """
        let configuration = try Kubeconfig(bytes: Array(text.utf8), path: "/f").configuration()
        let http = try HTTPClient()
        let result: Result<Value, any Error>
        do {
            let client = KubernetesClient(configuration: configuration, http: http, timing: timing)
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        await http.shutDown()
        return try result.get()
    }

    @Test func `a server is trusted by its authority and its name, and only then`() async throws {
        try await withServer { port, authority in
            let server = "server: 'https://127.0.0.1:\(port)'"
            let data = "certificate-authority-data: \(base64(authority))"
            let directory = try TemporaryDirectory()
            let path = try directory.write("ca.pem", String(decoding: authority, as: UTF8.self))
            for good in [
                "\(server), \(data), tls-server-name: cluster.example",
                "\(server), certificate-authority: '\(path)', tls-server-name: cluster.example",
                "\(server), insecure-skip-tls-verify: true",
            ] {
                let answer = try await fetch(good)
                #expect(answer == ["ok": true])
            }
            for bad in ["\(server), \(data)", "\(server), tls-server-name: cluster.example"] {
                let error = await #expect(throws: KubernetesError.self) { try await fetch(bad) }
                guard case .unreachable(let reason) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(reason.kind == .tls)
            }
        }
    }

    @Test func `caches of a server with another's name stay empty, say why, and ask ever less often`()
        async throws
    {
        try await withServer { port, authority in
            let cluster =
                "server: 'https://127.0.0.1:\(port)', certificate-authority-data: \(base64(authority))"
            let time = VirtualTime()
            let (changes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            try await withClient(of: cluster, timing: time.timing) { client in
                let caches = ClusterCaches(client: client, onChange: { continuation.yield() })
                let task = Task { await caches.run() }
                for await _ in changes where caches.reports.allSatisfy({ $0.state.lastError != nil }) {
                    break
                }
                // Each of nine caches waits half of 0.5, 1, 2, 4, 8, 16, and from then on half of 30 seconds. They take no turns: each
                // goes on as fast as it can, so the last may still be at its first while another is far ahead.
                let isShort = { @Sendable (wait: Duration) in wait < .seconds(15) }
                await time.wait { waits in waits.count >= 200 && waits.count(where: isShort) >= 9 * 6 }
                for report in caches.reports {
                    #expect(!report.state.isSynced && !report.state.isConnected && report.count == 0)
                    guard case .unreachable(let error) = report.state.lastError else {
                        Issue.record("\(report)")
                        continue
                    }
                    #expect(error.kind == .tls)
                }
                task.cancel()
                await task.value
                #expect(time.waits.allSatisfy { $0 >= .milliseconds(250) })
                #expect(time.waits.count(where: isShort) == 9 * 6)
            }
        }
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= 255
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return text
    }
}
