import Testing

/// 406, 415, entity tags and gzip.
@Suite(.timeLimit(.minutes(10)))
struct ContentNegotiationTests {
    @Test(arguments: [
        "*/*", "text/*", "text/plain", "TEXT/Plain;q=0.1", "application/json, text/plain;q=0.5", "nonsense",
    ])
    func `an answer of an accepted type is sent`(_ accept: String) async throws {
        try await withServer { server async throws in
            #expect(try server.answer(to: Requests.get("/text", "Accept: \(accept)")).status == 200)
        }
    }

    @Test(arguments: [
        "application/json", "text/html", "text/plain;q=0", "*/*;q=0", "image/*, text/html;level=1",
    ])
    func `an answer of no accepted type is 406`(_ accept: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get("/text", "Accept: \(accept)"))
            #expect(response.status == 406)
            #expect(response.isJSONError)
            #expect(response.text.contains("text/plain"), "it says what there is")
        }
    }

    @Test func `a body of the route's type is taken`() async throws {
        try await withServer { server async throws in
            for type in ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8"] {
                let request = Requests.request("POST", "/echo", ["Content-Type: \(type)"], body: "[1]")
                let response = try server.answer(to: request)
                #expect(response.status == 200)
                #expect(response.text == "[1]")
            }
            #expect(
                try server.answer(to: Requests.request("POST", "/echo")).status == 200,
                "no body, no type"
            )
        }
    }

    @Test(arguments: [
        "Content-Type: text/plain", "Content-Type: application/jsonp", "Content-Type:", "Content-Type: json",
        "X-Content-Type: application/json",
    ])
    func `a body of another type is 415`(_ field: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.request("POST", "/echo", [field], body: "[1]") + Requests.text)
            let response = try client.readResponse()
            #expect(response.status == 415)
            #expect(response["accept"] == "application/json")
            #expect(response.isJSONError)
            #expect(server.probes.bodies.value == 0)
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test(arguments: ["/page", "/async-page", "/large"])
    func `gzip is sent to those who ask, and decodes to the same bytes`(_ target: String) async throws {
        try await withServer { server async throws in
            let plain = try server.answer(to: Requests.get(target))
            #expect(plain["content-encoding"] == nil)
            #expect(plain["vary"] == "Accept-Encoding")
            let zipped = try server.answer(to: Requests.get(target, "Accept-Encoding: br, gzip"))
            #expect(zipped["content-encoding"] == "gzip")
            #expect(zipped["vary"] == "Accept-Encoding")
            #expect(zipped["content-type"] == plain["content-type"])
            #expect(zipped.body.count < plain.body.count / 4)
            #expect(Inflater.inflated(zipped.body) == plain.body)
        }
    }

    @Test(arguments: ["identity", "gzip;q=0", "br", "gzip;q=0.1, identity"])
    func `gzip is not sent to those who do not want it`(_ value: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get("/page", "Accept-Encoding: \(value)"))
            #expect(response["content-encoding"] == nil)
            #expect(response.body == TestRoutes.page)
        }
    }

    @Test func `small answers and streams stay as they are`() async throws {
        try await withServer { server async throws in
            for target in ["/text", "/stream/1000"] {
                let response = try server.answer(to: Requests.get(target, "Accept-Encoding: gzip"))
                #expect(response["content-encoding"] == nil)
            }
        }
    }

    @Test(arguments: ["/page", "/async-page"], ["X-A: b", "Accept-Encoding: gzip"])
    func `a client that has the content is told so, with the fields of the full answer`(
        _ target: String,
        _ encoding: String
    ) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get(target, encoding))
            let full = try client.readResponse()
            let tag = try #require(full["etag"])
            for list in [
                tag, "W/\"x\", \(tag)", "*", tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : "W/" + tag,
            ] {
                try client.send(Requests.get(target, encoding, "If-None-Match: \(list)"))
                let response = try client.readResponse()
                #expect(response.status == 304)
                #expect(response.body.isEmpty)
                for name in ["etag", "vary", "cache-control"] { #expect(response[name] == full[name]) }
                for name in ["content-length", "content-type", "content-encoding"] {
                    #expect(response[name] == nil)
                }
            }
            for list in ["\"other\"", "W/\"other\"", "nonsense", String(tag.dropLast(2)) + "\""] {
                try client.send(Requests.get(target, encoding, "If-None-Match: \(list)"))
                #expect(try client.readResponse().body == full.body)
            }
        }
    }
}
