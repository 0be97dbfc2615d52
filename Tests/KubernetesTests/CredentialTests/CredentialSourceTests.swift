import HTTPClient
import JSON
import Synchronization
import Testing

@testable import Kubernetes

@Suite struct CredentialSourceTests {
    @Test func `a token file is read again as it changes, and at once when its token is refused`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let path = try directory.write("token", "one\n")
        let now = Mutex(Timestamp(secondsSinceEpoch: 1000))
        var configuration = ClusterConfiguration(server: "http://h", origin: "a test")
        configuration.authentication = .tokenFile(path)
        let source = CredentialSource(configuration) { now.withLock { $0 } }
        let first = try await source.current()
        #expect(first.authorization == "Bearer one")

        try directory.write("token", "two\n")
        #expect(try await source.current().authorization == "Bearer one")
        now.withLock { $0 = Timestamp(secondsSinceEpoch: 1061) }
        let second = try await source.current()
        #expect(second.authorization == "Bearer two")

        try directory.write("token", "three\n")
        #expect(await source.renew(after: second))
        #expect(try await source.current().authorization == "Bearer three")

        try directory.write("token", "")
        now.withLock { $0 = Timestamp(secondsSinceEpoch: 2000) }
        await #expect(throws: KubernetesError.credentials("\(path): the file holds no token")) {
            _ = try await source.current()
        }
    }

    @Test func `a file that is gone for a moment leaves what it held`() async throws {
        var directory: TemporaryDirectory? = try TemporaryDirectory()
        let path = try #require(try directory?.write("ca", "CA"))
        let now = Mutex(Timestamp(secondsSinceEpoch: 1000))
        var configuration = ClusterConfiguration(server: "http://h", origin: "a test")
        configuration.certificateAuthority = .file(path)
        let source = CredentialSource(configuration) { now.withLock { $0 } }
        #expect(try await source.current().tls.certificateAuthorities == Array("CA".utf8))
        directory = nil
        now.withLock { $0 = Timestamp(secondsSinceEpoch: 2000) }
        #expect(try await source.current().tls.certificateAuthorities == Array("CA".utf8))
        let other = CredentialSource(configuration)
        await #expect(throws: KubernetesError.credentials("\(path): No such file or directory")) {
            _ = try await other.current()
        }
    }

    @Test func `basic authentication and certificates are shown as they are given`() async throws {
        var configuration = ClusterConfiguration(server: "https://h", origin: "a test")
        configuration.authentication = .basic(username: "Aladdin", password: "open sesame")
        configuration.certificate = .init(chain: .inline([1]), key: .inline([2]))
        configuration.serverName = "name"
        configuration.verifiesServer = false
        let credentials = try await CredentialSource(configuration).current()
        #expect(credentials.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(credentials.tls.clientCertificate == ClientCertificate(chain: [1], privateKey: [2]))
        #expect(credentials.tls.serverName == "name")
        #expect(!credentials.tls.verifiesServer)
    }

    @Test func `a fixed token is not tried twice`() async throws {
        var configuration = ClusterConfiguration(server: "http://h", origin: "a test")
        configuration.authentication = .token("t")
        let source = CredentialSource(configuration)
        let credentials = try await source.current()
        #expect(await !source.renew(after: credentials))
    }
}
