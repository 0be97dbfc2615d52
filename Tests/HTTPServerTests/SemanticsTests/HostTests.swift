import HTTPServer
import Testing

/// Which hosts a server on a loopback address answers for.
@Suite(.timeLimit(.minutes(10)))
struct HostTests {
    private static func get(_ target: String, host: String) -> String {
        "GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n"
    }

    @Test(arguments: [
        "localhost", "LocalHost", "localhost.", "localhost:1", "localhost:", "ingot.localhost", "127.0.0.1",
        "127.0.0.1:8080", "[::1]", "[::1]:65535", "192.168.1.10", "[fe80::1]",
    ])
    func `addresses and names of this machine are served`(_ host: String) async throws {
        try await withServer { server async throws in
            #expect(try server.answer(to: Self.get("/text", host: host)).status == 200)
        }
    }

    @Test(arguments: [
        "attacker.example", "localhost.attacker.example", "notlocalhost", "127.0.0.1.attacker.example",
        "example:80",
        "a,b", "127.1.example",
    ])
    func `other names get 421, lest a page elsewhere reach the server by DNS`(_ host: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Self.get("/text", host: host) + Requests.text)
            let response = try client.readResponse()
            #expect(response.status == 421)
            #expect(response.isJSONError)
            #expect(try client.isClosedByPeer)
        }
    }

    @Test func `names that the settings allow are served`() async throws {
        try await withServer { settings in
            settings.allowedHosts = ["ingot.example"]
        } _: { server async throws in
            for host in ["ingot.example", "INGOT.example:80", "ingot.example.", "localhost"] {
                #expect(try server.answer(to: Self.get("/text", host: host)).status == 200)
            }
            #expect(try server.answer(to: Self.get("/text", host: "other.example")).status == 421)
        }
        try await withServer { settings in
            settings.allowedHosts = ["*"]
        } _: { server async throws in
            #expect(try server.answer(to: Self.get("/text", host: "any.example")).status == 200)
        }
    }

    @Test func `HTTP/1.0 needs no Host, but one that comes must be right`() async throws {
        try await withServer { server async throws in
            #expect(try server.answer(to: "GET /text HTTP/1.0\r\n\r\n").status == 200)
            #expect(try server.answer(to: "GET /text HTTP/1.0\r\nHost: a b\r\n\r\n").status == 400)
            #expect(try server.answer(to: "GET /text HTTP/1.0\r\nHost: x.example\r\n\r\n").status == 421)
        }
    }

    @Test func `an absolute-form target replaces Host`() async throws {
        try await withServer { server async throws in
            for authority in ["localhost:\(server.port)", "127.0.0.1:\(server.port)", "[::1]:\(server.port)"]
            {
                for scheme in [server.scheme, server.scheme.uppercased()] {
                    let request = Self.get("\(scheme)://\(authority)/items/a?b=c", host: "proxy.example")
                    let response = try server.answer(to: request)
                    #expect(response.status == 200)
                    #expect(response.text.contains(#""query":[["b","c"]]"#))
                }
            }
        }
    }
}
