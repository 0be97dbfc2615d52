import HTTPClient
import HTTPServer
import HTTPTypes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ProxyTests {
    /// A proxy: it notes the heads that it gets, answers plain requests itself, and connects tunnels to a port.
    private final class Proxy: Sendable {
        let server: RawServer

        var url: String { "127.0.0.1:\(server.port)" }

        init(
            answer: String = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied",
            tunnelTo port: UInt16 = 0
        ) throws {
            let heads = Heads()
            noted = heads
            server = try RawServer { connection in
                guard let head = connection.readHead() else { return }
                heads.add(head)
                guard head.hasPrefix("CONNECT "), port != 0, let other = Relay.connect(port: port) else {
                    connection.send(answer)
                    connection.finishSending()
                    return connection.readToEnd()
                }
                connection.send("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
                Relay.run(connection, other)
            }
        }

        private final class Heads: Sendable {
            private let state = Mutex<[String]>([])
            var all: [String] { state.withLock { $0 } }
            func add(_ head: String) { state.withLock { $0.append(head) } }
        }

        private let noted: Heads
        var all: [String] { noted.all }
    }

    private static func configuration(_ settings: ProxySettings) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.proxy = .proxied(settings)
        return configuration
    }

    @Test func plainRequestsAreHandedToTheProxyWhole() async throws {
        let proxy = try Proxy()
        let settings = ProxySettings("http://us%40er:word@\(proxy.url)")
        try await withClient(Self.configuration(settings)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: "http://name.invalid/path?q=1"))
            #expect(answer.text == "proxied")
        }
        let head = try #require(proxy.all.first)
        #expect(head.hasPrefix("GET http://name.invalid/path?q=1 HTTP/1.1\r\n"))
        #expect(head.contains("Proxy-Authorization: Basic dXNAZXI6d29yZA==\r\n"))
    }

    @Test func httpsGoesThroughATunnel() async throws {
        let server = try await HTTP2Server { request in .text("at \(request.path)") }
        let port = try #require(UInt16(server.url("").split(separator: ":").last ?? ""))
        let proxy = try Proxy(tunnelTo: port)
        try await withClient(Self.configuration(ProxySettings(proxy.url))) { client in
            var request = HTTPClientRequest(url: server.url("/here"), headers: [.authorization: "hidden"])
            request.tls.certificateAuthorities = server.authority
            let answer = try await client.fetch(request)
            #expect(answer.text == "at /here")
            #expect(answer.version == .http2)
            // What the proxy said of itself is not the answer's.
            #expect(HTTPField.Name("X-Proxy").flatMap { answer.headers[$0] } == nil)
        }
        let head = try #require(proxy.all.first)
        #expect(head.hasPrefix("CONNECT localhost:\(port) HTTP/1.1\r\n"))
        #expect(!head.contains("hidden"))
        await server.stop()
    }

    @Test func aProxyThatRefusesIsAConnectErrorWithoutSecrets() async throws {
        let proxy = try Proxy(
            answer: "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        )
        let settings = ProxySettings("http://user:hidden@\(proxy.url)")
        try await withClient(Self.configuration(settings)) { client in
            let error = await failure {
                try await client.fetch(HTTPClientRequest(url: "https://name.invalid/"))
            }
            #expect(error?.kind == .connect)
            #expect(error?.host == "name.invalid:443")
            #expect(error.map { !"\($0)".contains("hidden") } == true)
        }
    }

    @Test func aProxyWithoutAnAddressIsAResolveError() async throws {
        try await withClient(Self.configuration(ProxySettings("http://proxy.invalid:3128"))) { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:1/")
            // How long a resolver takes to find nothing is not ours to say.
            request.deadlines.connect = nil
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .resolve)
        }
    }

    @Test(arguments: [
        "ftp://user:hidden@host:1", "http://", "http://user:hidden@ho st", "http://user:hidden@host:99999",
    ])
    func aProxyThatCannotBeUsedIsRefused(url: String) async throws {
        try await withClient(Self.configuration(ProxySettings(url))) { client in
            let error = await failure {
                try await client.fetch(HTTPClientRequest(url: "http://name.invalid/"))
            }
            #expect(error?.kind == .invalidRequest)
            #expect(error.map { !"\($0)".contains("hidden") } == true)
        }
    }

    /// SOCKS 5 (RFC 1928) without authentication, the name being the proxy's to resolve.
    @Test func aSOCKSProxyIsAskedForTheName() async throws {
        let names = Signal()
        let server = try RawServer { connection in
            guard let greeting = connection.read(2), let count = greeting.last,
                connection.read(Int(count)) != nil
            else { return }
            connection.send([5, 0])
            guard let request = connection.read(5), let length = request.last,
                let name = connection.read(Int(length)), connection.read(2) != nil
            else { return }
            if name == Array("name.invalid".utf8) { names.add() }
            connection.send([5, 0, 0, 1, 127, 0, 0, 1, 0, 80])
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsocks")
            connection.readToEnd()
        }
        let settings = ProxySettings("socks5h://127.0.0.1:\(server.port)")
        try await withClient(Self.configuration(settings)) { client in
            let answer = try await client.fetch(HTTPClientRequest(url: "http://name.invalid/"))
            #expect(answer.text == "socks")
            #expect(names.count == 1)
        }
    }

    @Test func exceptionsAreAskedDirectly() async throws {
        let proxy = try Proxy()
        let direct = try RawServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect")
        func answer(_ exceptions: String, includesLoopback: Bool = true) async throws -> String {
            let settings = ProxySettings(
                proxy.url,
                exceptions: exceptions,
                includesLoopback: includesLoopback
            )
            return try await withClient(Self.configuration(settings)) { client in
                try await client.fetch(HTTPClientRequest(url: direct.url)).text
            }
        }
        for (exceptions, expected) in [
            ("", "proxied"), ("127.0.0.1", "direct"), ("10.0.0.0/8,127.0.0.0/8", "direct"), ("*", "direct"),
            ("name.example", "proxied"),
        ] {
            let text = try await answer(exceptions)
            #expect(text == expected, "\(exceptions)")
        }
        let text = try await answer("", includesLoopback: false)
        #expect(text == "direct")
    }

    @Test func aRequestsOwnProxyGoesBefore() async throws {
        let proxy = try Proxy()
        let direct = try RawServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect")
        try await withClient(Self.configuration(ProxySettings(proxy.url))) { client in
            var request = HTTPClientRequest(url: direct.url)
            request.proxy = .direct
            let answer = try await client.fetch(request)
            #expect(answer.text == "direct")
        }
    }

    @Test func theEnvironmentIsRead() {
        let settings = ProxySettings(environment: [
            "HTTP_PROXY": "http://a", "https_proxy": "http://b", "HTTPS_PROXY": "http://c",
            "NO_PROXY": "x,y", "no_proxy": "",
        ])
        #expect(settings.http == "http://a")
        #expect(settings.https == "http://b")
        #expect(settings.exceptions == "x,y")
        #expect(!settings.includesLoopback)
        let all = ProxySettings(environment: ["ALL_PROXY": "socks5://s", "HTTPS_PROXY": ""])
        #expect(all.http == "socks5://s" && all.https == "socks5://s")
        let cgi = ProxySettings(environment: ["HTTP_PROXY": "http://evil", "REQUEST_METHOD": "GET"])
        #expect(cgi.http == nil)
        let none = ProxySettings(environment: [:])
        #expect(none.http == nil && none.https == nil && none.exceptions.isEmpty)
    }
}
