import HTTPServer
import Testing

/// Which pages may read answers, and which may cause changes.
@Suite(.timeLimit(.minutes(10)))
struct CrossOriginTests {
    static let loopback = [
        "http://localhost:5173", "https://localhost", "http://127.0.0.1:3000", "http://[::1]:8080",
        "http://app.localhost",
    ]
    static let foreign = [
        "https://attacker.example", "http://localhost.attacker.example", "null", "http://192.168.1.5",
        "file://",
        "http://localhost:99999", "http://127.0.0.1.attacker.example", "http://attacker.example@localhost",
    ]

    @Test(arguments: loopback)
    func `a page on this machine may read and change`(_ origin: String) async throws {
        try await withServer { server async throws in
            for request in [
                Requests.get("/text", "Origin: \(origin)"), Requests.get("/nowhere", "Origin: \(origin)"),
                Requests.request("POST", "/bytes", ["Origin: \(origin)"], body: "x"),
            ] {
                let response = try server.answer(to: request)
                #expect(response.status == 200 || response.status == 404)
                #expect(response["access-control-allow-origin"] == origin)
                #expect(response["access-control-allow-credentials"] == nil)
                #expect(response["vary"] == "Origin")
            }
        }
    }

    @Test(arguments: foreign)
    func `a page elsewhere may neither read nor change`(_ origin: String) async throws {
        try await withServer { server async throws in
            let read = try server.answer(to: Requests.get("/text", "Origin: \(origin)"))
            #expect(read["access-control-allow-origin"] == nil)
            #expect(read["vary"] == "Origin")
            for (method, target) in [("POST", "/bytes"), ("PUT", "/bytes")] {
                let change = try server.answer(
                    to: Requests.request(method, target, ["Origin: \(origin)"], body: "x")
                )
                #expect(change.status == 403)
                #expect(change.isJSONError)
                #expect(change["access-control-allow-origin"] == nil)
            }
            #expect(server.probes.bodies.value == 0)
        }
    }

    private static func preflight(_ origin: String, _ target: String = "/echo") -> String {
        Requests.request(
            "OPTIONS",
            target,
            [
                "Origin: \(origin)", "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: content-type, x-a",
            ]
        )
    }

    @Test func `a preflight is answered for pages that may`() async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Self.preflight("http://localhost:5173"))
            #expect(response.status == 204)
            #expect(response["access-control-allow-origin"] == "http://localhost:5173")
            #expect(response["access-control-allow-methods"] == "POST, OPTIONS")
            #expect(response["access-control-allow-headers"] == "content-type, x-a")
            #expect(response["access-control-max-age"] == "600")
        }
    }

    @Test(arguments: foreign)
    func `a preflight allows nothing to pages that may not`(_ origin: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Self.preflight(origin))
            #expect(!response.fields.contains { $0.name.hasPrefix("access-control-") })
        }
    }

    @Test func `the settings name other origins instead`() async throws {
        try await withServer { settings in
            settings.cors.allowedOrigins = ["https://ui.example"]
            settings.cors.allowsCredentials = true
        } _: { server async throws in
            let allowed = try server.answer(to: Requests.get("/text", "Origin: https://ui.example"))
            #expect(allowed["access-control-allow-origin"] == "https://ui.example")
            #expect(allowed["access-control-allow-credentials"] == "true")
            for origin in [
                "http://localhost:5173", "https://ui.example:444", "http://ui.example",
                "https://a.ui.example",
            ] {
                let refused = try server.answer(to: Requests.get("/text", "Origin: \(origin)"))
                #expect(refused["access-control-allow-origin"] == nil)
                #expect(refused["access-control-allow-credentials"] == nil)
            }
        }
    }

    @Test func `any origin may read when the settings say so`() async throws {
        try await withServer { settings in
            settings.cors.allowedOrigins = ["*"]
        } _: { server async throws in
            let response = try server.answer(to: Requests.get("/text", "Origin: https://any.example"))
            #expect(response["access-control-allow-origin"] == "*")
        }
    }

    @Test func `a page that this server gave out may change, whatever its name`() async throws {
        try await withServer { settings in
            settings.allowedHosts = ["ingot.example"]
        } _: { server async throws in
            for (origin, status) in [("https://ingot.example", 200), ("https://other.example", 403)] {
                let request =
                    "POST /bytes HTTP/1.1\r\nHost: ingot.example\r\nOrigin: \(origin)\r\nContent-Length: 1\r\n\r\nx"
                #expect(try server.answer(to: request).status == status)
            }
        }
    }
}
