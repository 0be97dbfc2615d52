import Testing

/// HEAD, OPTIONS, and methods that a path does not take.
@Suite(.timeLimit(.minutes(10)))
struct MethodTests {
    /// What differs from one answer to the next.
    private static let changing = ["date", "x-request-id"]

    @Test(arguments: [
        "/text", "/async", "/page", "/async-page", "/large", "/nothing", "/teapot", "/fail", "/stream/3",
        "/stream-now", "/sized/5", "/events",
    ])
    func `HEAD has the fields of GET and no body`(_ target: String) async throws {
        try await withServer { server async throws in
            for field in ["X-A: b", "Accept-Encoding: gzip", "Origin: http://localhost:5173"] {
                let client = try server.connect()
                try client.send(Requests.get(target, field))
                let get = try client.readResponse()
                try client.send(Requests.request("HEAD", target, [field]) + Requests.text)
                let head = try client.readResponse(isHead: true)
                #expect(head.status == get.status)
                #expect(
                    head.fields.filter { !Self.changing.contains($0.name) }
                        == get.fields.filter { !Self.changing.contains($0.name) }
                )
                #expect(
                    try client.readResponse().body == TestRoutes.text,
                    "what follows must be the next answer"
                )
            }
        }
    }

    @Test func `OPTIONS tells which methods a path takes`() async throws {
        try await withServer { server async throws in
            for (target, allow) in [
                ("/text", "GET, HEAD, OPTIONS"), ("/bytes", "POST, PUT, OPTIONS"),
                ("/items/x", "GET, HEAD, OPTIONS"),
            ] {
                let response = try server.answer(to: Requests.request("OPTIONS", target))
                #expect(response.status == 204)
                #expect(response["allow"] == allow)
                #expect(response["content-length"] == nil)
            }
            #expect(try server.answer(to: Requests.request("OPTIONS", "/nowhere")).status == 404)
        }
    }

    @Test func `OPTIONS * tells which methods the server takes`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            for target in ["*", "\(server.scheme)://localhost:\(server.port)"] {
                try client.send(Requests.request("OPTIONS", target))
                let response = try client.readResponse()
                #expect(response.status == 204)
                #expect(response["allow"] == "GET, HEAD, POST, PUT, OPTIONS")
            }
        }
    }

    @Test func `a method that the path does not take gets 405 with those that it does`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            for (method, target, allow) in [
                ("POST", "/text", "GET, HEAD, OPTIONS"), ("DELETE", "/bytes", "POST, PUT, OPTIONS"),
                ("GET", "/echo", "POST, OPTIONS"), ("PATCH", "/items/x", "GET, HEAD, OPTIONS"),
                ("TRACE", "/text", "GET, HEAD, OPTIONS"),
            ] {
                try client.send(Requests.request(method, target))
                let response = try client.readResponse()
                #expect(response.status == 405)
                #expect(response["allow"] == allow)
                #expect(response.isJSONError)
            }
        }
    }

    @Test func `a path that no route has gets 404 whatever the method`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
                try client.send(Requests.request(method, "/nowhere"))
                let response = try client.readResponse()
                #expect(response.status == 404)
                #expect(response.code == "NOT_FOUND")
                #expect(response["allow"] == nil)
                #expect(response.isJSONError)
            }
        }
    }

    @Test(arguments: ["BREW", "get", "GETS", "PROPFIND", "M-SEARCH", String(repeating: "M", count: 64)])
    func `a method that the server does not know gets 501`(_ method: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.request(method, "/text") + Requests.text)
            let response = try client.readResponse()
            #expect(response.status == 501)
            #expect(response.isJSONError)
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }
}
