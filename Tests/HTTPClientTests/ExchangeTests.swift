import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

@Suite struct ExchangeTests {
    @Test func aGetBringsStatusHeadersAndBody() async throws {
        try await withServer { request in
            var response = Response.text("at \(request.path)", status: .accepted)
            response.fields = [HTTPField(name: .cacheControl, value: "no-store")]
            return response
        } _: { client, server in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url("/here?q=1")))
            #expect(answer.status == .accepted)
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
            #expect(answer.version == .http1_1)
            #expect(answer.url == server.url("/here?q=1"))
            #expect(String(decoding: answer.body, as: UTF8.self) == "at /here")
        }
    }

    @Test(arguments: [0, 1, 5, 100_000, 5_000_000])
    func bytesThatArePostedArrive(count: Int) async throws {
        try await withServer { request in
            #expect(request[.contentLength] == String(count))
            #expect(request[.expect] == nil)
            #expect(request[.contentType] == "application/octet-stream")
            return Response(contentType: .octets, body: .bytes(request.body))
        } _: { client, server in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let request = HTTPClientRequest(
                method: .post,
                url: server.url("/"),
                headers: [.contentType: "application/octet-stream"],
                body: .bytes(bytes)
            )
            let answer = try await client.fetch(request)
            #expect(answer.status == .ok)
            #expect(answer.body == bytes)
        }
    }

    @Test(arguments: [HTTPRequest.Method.get, .post, .put, .patch, .delete])
    func theMethodIsWhatWasAskedFor(method: HTTPRequest.Method) async throws {
        try await withServer { request in
            .text("\(request.method) \(request[.contentLength] ?? "none")")
        } _: { client, server in
            let empty = try await client.fetch(HTTPClientRequest(method: method, url: server.url("/")))
            let length = [.post, .put, .patch].contains(method) ? "0" : "none"
            #expect(String(decoding: empty.body, as: UTF8.self) == "\(method) \(length)")
            let full = try await client.fetch(
                HTTPClientRequest(method: method, url: server.url("/"), body: .bytes([1, 2, 3]))
            )
            #expect(String(decoding: full.body, as: UTF8.self) == "\(method) 3")
        }
    }

    @Test func aHeadRequestGetsTheHeadOnly() async throws {
        try await withServer { _ in
            .text("twelve bytes")
        } _: { client, server in
            let answer = try await client.fetch(HTTPClientRequest(method: .head, url: server.url("/")))
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentLength] == "12")
            #expect(answer.body.isEmpty)
        }
    }
}

@Suite struct CompressionTests {
    private static let text = String(repeating: "ingot ", count: 10_000)

    @Test func aCompressedAnswerIsDecompressed() async throws {
        try await withServer { _ in
            .text(Self.text)
        } _: { client, server in
            var request = HTTPClientRequest(url: server.url("/"))
            let answer = try await client.fetch(request)
            #expect(answer.text == Self.text)
            #expect(answer.headers[.vary]?.lowercased().contains("accept-encoding") == true)
            #expect(answer.headers[.contentEncoding] == nil)
            request.acceptsCompression = false
            let plain = try await client.fetch(request)
            #expect(plain.text == Self.text)
            #expect(plain.headers[.contentLength] == String(Self.text.utf8.count))
        }
    }

    @Test func theLimitHoldsForWhatIsDecompressed() async throws {
        try await withServer { _ in
            .text(Self.text)
        } _: { client, server in
            let error = await failure {
                try await client.fetch(HTTPClientRequest(url: server.url("/")), upTo: 50_000)
            }
            #expect(error?.kind == .tooLarge)
        }
    }
}
