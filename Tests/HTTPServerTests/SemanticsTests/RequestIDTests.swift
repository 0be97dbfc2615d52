import Testing

/// `X-Request-Id`: taken over if it can do no harm, made otherwise.
@Suite(.timeLimit(.minutes(10)))
struct RequestIDTests {
    private static func isMade(_ id: String?) -> Bool {
        guard let id else { return false }
        return id.utf8.count == 32 && id.allSatisfy { $0.isHexDigit }
    }

    @Test(arguments: ["a", "abc-1.2:3/4_Z", String(repeating: "x", count: 128)])
    func `a sane id comes back`(_ id: String) async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            for target in ["/text", "/async", "/nowhere", "/fail", "/stream/2"] {
                try client.send(Requests.get(target, "X-Request-ID: \(id)"))
                let response = try client.readResponse()
                #expect(response["x-request-id"] == id)
                #expect(response.status < 400 || response.isJSONError)
            }
        }
    }

    @Test(arguments: [
        "X-Request-Id:", "X-Request-Id: a b", "X-Request-Id: a\"b", "X-Request-Id: a=b", "X-Request-Id: é",
        "X-Request-Id: <a>", "X-Request-Id: a\r\nX-Request-Id: b",
        "X-Request-Id: " + String(repeating: "x", count: 129),
    ])
    func `any other is replaced`(_ field: String) async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get("/nowhere", field))
            #expect(Self.isMade(response["x-request-id"]))
            #expect(response.isJSONError)
        }
    }

    @Test func `ids that are made differ`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            var ids: Set<String> = []
            for _ in 0..<100 {
                try client.send(Requests.text)
                let id = try client.readResponse()["x-request-id"]
                #expect(Self.isMade(id))
                ids.insert(id ?? "")
            }
            #expect(ids.count == 100)
        }
    }

    @Test func `a refused request keeps its id, unless the head was too far gone`() async throws {
        try await withServer { server async throws in
            let near = try server.answer(to: Requests.get("/text", "X-Request-Id: near", "bad field"))
            #expect(near.status == 400)
            #expect(near["x-request-id"] == "near")
            #expect(near.isJSONError)
            let padding = "X-Pad: " + String(repeating: "a", count: 3000)
            let far = try server.answer(to: Requests.get("/text", padding, "X-Request-Id: far", "bad field"))
            #expect(far.status == 400)
            #expect(far["x-request-id"] == "far" || Self.isMade(far["x-request-id"]))
            #expect(far.isJSONError)
        }
    }
}
