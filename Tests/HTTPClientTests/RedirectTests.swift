import HTTPClient
import HTTPServer
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RedirectTests {
    /// Answers that tell what was asked, and redirects from `/to/<status>`, to what the query names.
    private static let answer: @Sendable (Request) async throws -> Response = { request in
        if request.path.hasPrefix("/to/"), let status = Int(request.path.dropFirst(4)) {
            var response = Response(status: .init(code: status), contentType: .text, body: .bytes([1, 2, 3]))
            response.fields = [HTTPField(name: .location, value: request.query["location"] ?? "")]
            return response
        }
        let names: [HTTPField.Name] = [.authorization, .cookie, .secret, .contentType, .acceptLanguage]
        let fields = names.compactMap { name in request[name].map { "\(name)=\($0)" } }
        let body = String(decoding: request.body, as: UTF8.self)
        return .text("\(request.method) \(request.path) \(body) \(fields.joined(separator: " "))")
    }

    private static func request(
        _ method: HTTPRequest.Method = .get,
        _ url: String,
        limit: Int = 5
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(method: method, url: url)
        request.headers = [
            .authorization: "a", .cookie: "c", .secret: "s", .acceptLanguage: "l",
        ]
        if method == .post || method == .put {
            request.headers[.contentType] = "text/plain"
            request.body = .bytes(Array("body".utf8))
        }
        request.redirects = .follow(limit: limit, credentialFields: [.secret])
        return request
    }

    @Test func withoutAPolicyTheRedirectIsTheAnswer() async throws {
        try await withServer(Self.answer) { client, server in
            let answer = try await client.fetch(HTTPClientRequest(url: server.url("/to/302?location=/there")))
            #expect(answer.status == .found)
            #expect(answer.headers[.location] == "/there")
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func theMethodFollowsTheStatus(status: Int) async throws {
        try await withServer(Self.answer) { client, server in
            let keeps = status == 307 || status == 308
            let get = try await client.fetch(Self.request(.get, server.url("/to/\(status)?location=/there")))
            #expect(get.text == "GET /there  Authorization=a Cookie=c X-Secret=s Accept-Language=l")
            #expect(get.url == server.url("/there"))
            let post = try await client.fetch(Self.request(.post, server.url("/to/\(status)?location=there")))
            #expect(
                post.text
                    == (keeps
                        ? "POST /to/there body Authorization=a Cookie=c X-Secret=s Content-Type=text/plain Accept-Language=l"
                        : "GET /to/there  Authorization=a Cookie=c X-Secret=s Accept-Language=l")
            )
            let put = try await client.fetch(Self.request(.put, server.url("/to/\(status)?location=/there")))
            #expect(put.text.hasPrefix(status == 303 ? "GET" : "PUT"))
        }
    }

    @Test func credentialsDoNotFollowToAnotherHost() async throws {
        try await withServer(Self.answer) { client, server in
            // Another port, and another name for the same host, are other origins.
            let other = try await LocalServer(Self.answer)
            for target in [other.url("/there"), "http://localhost:\(server.port)/there"] {
                for status in [302, 307] {
                    let url = server.url("/to/\(status)?location=\(target)")
                    let answer = try await client.fetch(Self.request(.get, url))
                    #expect(answer.text == "GET /there  Accept-Language=l")
                    #expect(answer.url == target)
                }
            }
            await other.stop()
        }
    }

    @Test func aUserInTheURLDoesNotFollowToAnotherHost() async throws {
        try await withServer(Self.answer) { client, server in
            let location = "http://localhost:\(server.port)/there"
            var request = HTTPClientRequest(
                url: "http://user:word@127.0.0.1:\(server.port)/to/302?location=\(location)"
            )
            request.redirects = .follow(limit: 1)
            let other = try await client.fetch(request)
            #expect(other.text == "GET /there  ")
            request.url = "http://user:word@127.0.0.1:\(server.port)/to/302?location=/there"
            let same = try await client.fetch(request)
            #expect(same.text == "GET /there  Authorization=Basic dXNlcjp3b3Jk")
        }
    }

    @Test func anotherHostInTheFieldStaysWithTheServerThatItIsFor() async throws {
        let answer: @Sendable (Request) async throws -> Response = { request in
            if let location = request.query["to"] {
                var response = Response(status: .found)
                response.fields = [HTTPField(name: .location, value: location)]
                return response
            }
            return .text(HTTPField.Name("Host").flatMap { request[$0] } ?? "")
        }
        try await withServer(answer) { client, server in
            var request = HTTPClientRequest(url: server.url("/"))
            request.host = "example.com"
            request.redirects = .follow(limit: 1)
            let direct = try await client.fetch(request)
            #expect(direct.text == "example.com")
            request.url = server.url("/?to=/there")
            let redirected = try await client.fetch(request)
            #expect(redirected.text == "example.com")
            request.url = server.url("/?to=http://localhost:\(server.port)/there")
            let elsewhere = try await client.fetch(request)
            #expect(elsewhere.text == "localhost:\(server.port)")
        }
    }

    @Test func redirectsHaveALimit() async throws {
        try await withServer { request in
            var response = Response(status: .found)
            response.fields = [
                HTTPField(name: .location, value: "/\((Int(request.path.dropFirst()) ?? 0) + 1)")
            ]
            return Int(request.path.dropFirst()) == 3 ? .text("end") : response
        } _: { client, server in
            let error = await failure {
                try await client.fetch(Self.request(.get, server.url("/0"), limit: 2))
            }
            #expect(error?.kind == .protocolViolation)
            let answer = try await client.fetch(Self.request(.get, server.url("/0"), limit: 3))
            #expect(answer.text == "end")
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://localhost/", "http://", "//"])
    func aRedirectToNoHTTPServerFails(location: String) async throws {
        try await withServer(Self.answer) { client, server in
            let url = server.url("/to/302?location=\(location)")
            let error = await failure { try await client.fetch(Self.request(.get, url)) }
            #expect(error?.kind == .protocolViolation)
        }
    }

    @Test func aStreamedBodyIsNotSentTwice() async throws {
        try await withServer(Self.answer) { client, server in
            var request = Self.request(.put, server.url("/to/307?location=/there"))
            request.body = .stream(UploadTests.Chunks(count: 2, size: 2))
            let answer = try await client.fetch(request)
            #expect(answer.status == .temporaryRedirect)
        }
    }

    @Test func theTotalDeadlineSpansRedirects() async throws {
        try await withServer { request in
            var response = Response(status: .found)
            response.fields = [HTTPField(name: .location, value: "/")]
            return response
        } _: { client, server in
            var request = Self.request(.get, server.url("/"), limit: .max)
            request.deadlines.total = .milliseconds(50)
            let error = await failure { try await client.fetch(request) }
            #expect(error?.kind == .timeout(.total))
        }
    }
}

extension HTTPField.Name {
    fileprivate static let secret = HTTPField.Name("X-Secret") ?? .cookie
}
