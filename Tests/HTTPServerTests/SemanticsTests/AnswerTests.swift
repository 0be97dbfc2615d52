import JSON
import Testing

/// What every answer has, and what becomes of failures.
@Suite(.timeLimit(.minutes(10)))
struct AnswerTests {
    @Test func `an answer has the date, its type and its length`() async throws {
        try await withServer { server async throws in
            for (target, type, length) in [
                ("/text", "text/plain; charset=utf-8", 5), ("/async", "text/plain; charset=utf-8", 12),
                ("/large", "application/json; charset=utf-8", 1_048_576),
            ] {
                let before = Timestamp.now().secondsSinceEpoch
                let response = try server.answer(to: Requests.get(target))
                #expect(response.status == 200)
                #expect(response["content-type"] == type)
                #expect(response["content-length"] == String(length))
                #expect(response["x-content-type-options"] == "nosniff")
                #expect(response["cache-control"] == "no-store")
                #expect(response.count("transfer-encoding") == 0)
                // The server looks at the clock once a second, so the date may be that old.
                let seconds = (before - 1)...Timestamp.now().secondsSinceEpoch
                #expect(response.count("date") == 1)
                #expect(seconds.contains { response["date"] == Self.httpDate($0) })
            }
        }
    }

    private static func httpDate(_ second: Int64) -> String {
        var bytes: [UInt8] = []
        Timestamp(secondsSinceEpoch: second).appendHTTPDate(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `an answer without content has neither length nor type`() async throws {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get("/nothing") + Requests.text)
            let response = try client.readResponse()
            #expect(response.status == 204)
            #expect(response["content-length"] == nil)
            #expect(response["content-type"] == nil)
            #expect(response["transfer-encoding"] == nil)
            #expect(try client.readResponse().body == TestRoutes.text)
        }
    }

    @Test(arguments: ["/fail", "/async-fail"])
    func `an error that says nothing of an answer gets 500 without particulars`(_ target: String) async throws
    {
        try await withServer { server async throws in
            let client = try server.connect()
            try client.send(Requests.get(target) + Requests.text)
            let response = try client.readResponse()
            #expect(response.status == 500)
            #expect(response.code == "INTERNAL_ERROR")
            #expect(response.isJSONError)
            #expect(!response.text.contains("Unknown"))
            #expect(try client.readResponse().status == 200, "the connection stays usable")
        }
    }

    @Test func `an error that says what to answer is answered`() async throws {
        try await withServer { server async throws in
            let response = try server.answer(to: Requests.get("/teapot"))
            #expect(response.status == 418)
            #expect(response.code == "TEAPOT")
            #expect(response["retry-after"] == "7")
            #expect(response.isJSONError)
        }
    }

    @Test func `requests at the same time keep their own heads`() async throws {
        try await withServer { server async throws in
            let clients = try (0..<8).map { _ in try server.connect() }
            for (number, client) in clients.enumerated() {
                try client.send(Requests.get("/gated/\(number)", "X-Request-Id: id-\(number)"))
            }
            try server.probes.gate.arrived.wait(for: clients.count)
            #expect(try server.isServing(), "handlers that wait hold nobody up")
            server.probes.gate.open()
            for (number, client) in clients.enumerated() {
                let response = try client.readResponse()
                #expect(response.text == "/gated/\(number) id-\(number)")
                #expect(response["x-request-id"] == "id-\(number)")
            }
        }
    }
}
