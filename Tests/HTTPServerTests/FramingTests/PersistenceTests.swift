import Testing

/// When a connection stays and when it ends, RFC 9112 §9.3.
@Suite(.timeLimit(.minutes(10)))
struct PersistenceTests {
    private static func get(_ target: String, version: String, _ fields: String...) -> String {
        "GET \(target) HTTP/\(version)\r\nHost: localhost\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    @Test(arguments: ["/text", "/async", "/page", "/nowhere", "/sized/5"])
    func `an HTTP/1.0 connection ends after the answer`(_ target: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Self.get(target, version: "1.0"))
            let response = try client.readResponse()
            #expect(response.version == "HTTP/1.1")
            #expect(response["connection"] == "close")
            #expect(response["transfer-encoding"] == nil)
            #expect(try client.isClosedByPeer)
        }
    }

    @Test(arguments: ["/text", "/async", "/nowhere"])
    func `an HTTP/1.0 connection stays if the client asks for that`(_ target: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            for _ in 0..<3 {
                try client.send(Self.get(target, version: "1.0", "Connection: Keep-Alive"))
                #expect(try client.readResponse()["connection"] == "keep-alive")
            }
            try client.send(Self.get(target, version: "1.0"))
            #expect(try client.readResponse()["connection"] == "close")
            #expect(try client.isClosedByPeer)
        }
    }

    @Test(arguments: [
        "close", "Close", "x, close", "close, keep-alive", "keep-alive, close", "x,close ,y", "\tclose",
        "x\r\nConnection: close", "\r\nConnection: close",
    ])
    func `an HTTP/1.1 connection ends if the client asks for that`(_ value: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Self.get("/text", version: "1.1", "Connection: \(value)"))
            #expect(try client.readResponse()["connection"] == "close")
            #expect(try client.isClosedByPeer)
        }
    }

    @Test(arguments: [
        "", "Connection: keep-alive", "Connection: x", "Connection: \"close\"", "Keep-Alive: 5",
    ])
    func `an HTTP/1.1 connection stays otherwise`(_ field: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            for _ in 0..<3 {
                try client.send(field.isEmpty ? Requests.text : Requests.get("/text", field))
                #expect(try client.readResponse().count("connection") == 0)
            }
        }
    }

    @Test(arguments: ["/text", "/async", "/large", "/stream/3", "/page"])
    func `a client that closes its side after the request still gets the answer`(_ target: String)
        async throws
    {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get(target))
            client.shutdownWrite()
            #expect(try client.readResponse().status == 200)
            #expect(try client.isClosedByPeer)
        }
    }

    @Test(arguments: [
        "", "G", "GET /text HTTP/1.1\r\nHost: localhost\r\n",
        "POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
    ])
    func `a request that is cut short gets no answer`(_ start: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(start.replacing("Host: a", with: "Host: localhost"))
            client.shutdownWrite()
            #expect(try client.isClosedByPeer)
            #expect(server.probes.bodies.value == 0)
            #expect(try server.isServing())
        }
    }

    @Test func `a body nobody wants leaves the connection usable if it is small`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            let body = String(repeating: "a", count: 60_000)
            try client.send(Requests.request("POST", "/nowhere", body: body) + Requests.text)
            #expect(try client.readResponse().status == 404)
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test func `a body nobody wants is not read if it is large`() async throws {
        try await withServer { server async throws in
            for field in ["Content-Length: 3000000", "Transfer-Encoding: chunked"] {
                let client = try server.connect()
                try client.send(Requests.request("POST", "/nowhere", [field]))
                let response = try client.readResponse()
                #expect(response.status == 404)
                #expect(response["connection"] == "close")
                #expect(try client.isClosedByPeer)
            }
        }
    }
}
