import HTTPServer
import HTTPTypes
import JSON
import Logging
import Synchronization
import Testing

/// Lets those in whose `Authorization` is a name that begins with `good`; of one that ends with `later` it finds out first. It counts.
private final class NameGuard: RequestGuard {
    private let counts = Mutex((screened: 0, admitted: 0))

    var screened: Int { counts.withLock { $0.screened } }
    var admitted: Int { counts.withLock { $0.admitted } }

    private static let nobody = HTTPError(
        .unauthorized,
        code: "UNAUTHORIZED",
        message: "who are you?",
        fields: [HTTPField(name: .wwwAuthenticate, value: "Bearer")]
    )

    func screen(_ request: borrowing Request, to route: Route) -> HTTPError? {
        counts.withLock { $0.screened += 1 }
        return request[.authorization] == nil ? Self.nobody : nil
    }

    func admit(_ request: Request, to route: Route) -> RequestAdmission {
        counts.withLock { $0.admitted += 1 }
        let name = request[.authorization] ?? ""
        let verdict: AccessVerdict =
            name.hasPrefix("good")
            ? .admitted(Principal(name: name, groups: ["team"]))
            : .refused(
                HTTPError(.forbidden, code: "FORBIDDEN", message: "\(name) may not \(route.access.rawValue)"),
                Principal(name: name)
            )
        return name.hasSuffix("later") ? .pending { verdict } : .decided(verdict)
    }

    func renewal(of request: Request, to route: Route) -> AccessRenewal? { nil }
}

/// Notes changes; while it is broken it allows none.
private final class Notes: ChangeRecorder {
    private let state = Mutex((lines: [String](), isBroken: false))

    var lines: [String] { state.withLock { $0.lines } }
    func breakDown() { state.withLock { $0.isBroken = true } }

    func obstacle() -> HTTPError? {
        state.withLock(\.isBroken)
            ? HTTPError(.serviceUnavailable, code: "AUDIT_UNAVAILABLE", message: "no room") : nil
    }

    func record(_ change: RecordedChange) async {
        let user = change.request.principal?.name ?? "-"
        let kind = change.isRefused ? "refused" : "done"
        let line = "\(change.request.method.rawValue) \(change.route.path) \(user) \(change.status) \(kind)"
        state.withLock { $0.lines.append(line) }
    }
}

/// The one place before the handlers that asks who a caller is, and the one behind them that keeps changes.
@Suite(.timeLimit(.minutes(10)))
struct RequestGuardTests {
    private static let answer = Route.Documentation(
        operationID: "",
        summary: "",
        tag: "",
        answers: [.init(200, "")]
    )

    private static func route(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        _ access: Route.Access,
        _ handler: Route.Handler
    ) -> Route {
        var documentation = answer
        documentation.operationID = "\(method.rawValue)\(path)"
        return Route(method, path, access: access, documentation: documentation, handler: handler)
    }

    private static let user: @Sendable (borrowing Request) -> [UInt8] = { request in
        Array((request.principal.map { "\($0.name) of \($0.groups)" } ?? "nobody").utf8)
    }

    private static let surface = Surface(
        name: "Test",
        routes: [
            route(.get, "/open", .anyone, .immediate { $1.body = .bytes(user($0)) }),
            route(.get, "/quick", .viewer, .immediate { $1.body = .bytes(user($0)) }),
            route(.get, "/slow", .viewer, .asynchronous { Response(body: .bytes(user($0))) }),
            route(.post, "/change/{name}", .operator, .asynchronous { Response(body: .bytes(user($0))) }),
            route(.put, "/quick", .admin, .immediate { $1.body = .bytes(user($0)) }),
            route(.delete, "/fail", .admin, .asynchronous { _ in throw CancellationError() }),
        ],
        errorSchema: .any,
        renderError: { failure, _, response in
            let body: JSONValue = ["code": .string(failure.code)]
            response.setJSON(body)
        }
    )

    private func withGuardedServer(
        _ requestGuard: NameGuard,
        _ recorder: Notes? = nil,
        _ body: @escaping @Sendable (RawClient) throws -> Void
    ) async throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let server = try await Server.start(
            address,
            router: try Router([Self.surface]),
            settings: .patient,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            access: ServerAccess(requestGuard: requestGuard, recorder: recorder)
        )
        let port = server.address.port
        let outcome: Result<Void, any Error>
        do {
            try await withTaskExecutorPreference(ThreadExecutor()) {
                let client = try RawClient(port: port)
                defer { client.close() }
                try body(client)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await server.stop()
        try outcome.get()
    }

    @Test("routes for anyone do not ask, and others ask before their handler, on the loop or off it")
    func admitted() async throws {
        let requestGuard = NameGuard()
        try await withGuardedServer(requestGuard) { client throws in
            func ask(_ target: String, _ fields: String...) throws -> String {
                try client.send(Requests.request("GET", target, fields))
                let answer = try client.readResponse()
                return "\(answer.status) \(answer.code ?? answer.text)"
            }
            #expect(try ask("/open") == "200 nobody")
            #expect(try ask("/open", "Authorization: bad") == "200 nobody")
            #expect(requestGuard.screened == 0)
            for path in ["/quick", "/slow"] {
                #expect(try ask(path) == "401 UNAUTHORIZED")
                #expect(try ask(path, "Authorization: good") == "200 good of [\"team\"]")
                #expect(try ask(path, "Authorization: good later") == "200 good later of [\"team\"]")
                #expect(try ask(path, "Authorization: bad") == "403 FORBIDDEN")
                #expect(try ask(path, "Authorization: bad later") == "403 FORBIDDEN")
            }
            #expect(try ask("/nowhere") == "404 NOT_FOUND")
        }
        #expect(requestGuard.screened == 10)
        #expect(requestGuard.admitted == 8)
    }

    @Test(
        "a request that is refused by its head alone is answered before its body, with the fields of the failure"
    )
    func screened() async throws {
        let requestGuard = NameGuard()
        try await withGuardedServer(requestGuard) { client throws in
            try client.send(
                "POST /change/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
            )
            let answer = try client.readResponse()
            #expect(answer.status == 401)
            #expect(answer["www-authenticate"] == "Bearer")
        }
        #expect(requestGuard.admitted == 0)
    }

    @Test("what is sent ahead is answered in order, whoever is asked for first")
    func pipelined() async throws {
        try await withGuardedServer(NameGuard()) { client throws in
            let names = ["good later", "bad", "good", "bad later", "good"]
            for name in names { try client.send(Requests.get("/quick", "Authorization: \(name)")) }
            for name in names {
                #expect(try client.readResponse().status == (name.hasPrefix("good") ? 200 : 403))
            }
        }
    }

    @Test("changes are recorded before they are answered, refused ones too, and reads are not")
    func recorded() async throws {
        let notes = Notes()
        try await withGuardedServer(NameGuard(), notes) { client throws in
            func ask(_ method: String, _ target: String, _ name: String) throws -> Int {
                try client.send(Requests.request(method, target, ["Authorization: \(name)"]))
                return try client.readResponse().status
            }
            #expect(try ask("GET", "/quick", "good") == 200)
            #expect(notes.lines == [])
            #expect(try ask("POST", "/change/a", "good later") == 200)
            #expect(notes.lines.last == "POST /change/{name} good later 200 done")
            #expect(try ask("PUT", "/quick", "good") == 200)
            #expect(notes.lines.last == "PUT /quick good 200 done")
            #expect(try ask("PUT", "/quick", "bad") == 403)
            #expect(notes.lines.last == "PUT /quick bad 403 refused")
            #expect(try ask("DELETE", "/fail", "good") == 500)
            #expect(notes.lines.last == "DELETE /fail good 500 done")
            #expect(try ask("DELETE", "/quick", "good") == 405)
            #expect(notes.lines.count == 4)
            notes.breakDown()
            #expect(try ask("PUT", "/quick", "good") == 503)
            #expect(try ask("PUT", "/quick", "bad") == 403)
            #expect(try ask("GET", "/quick", "good") == 200)
        }
        #expect(notes.lines.count == 5)
    }

    @Test("the document says which routes need a token, and of whom")
    func document() throws {
        for isRequired in [true, false] {
            let document = OpenAPIDocument(
                title: "",
                version: "",
                description: "",
                requiresToken: isRequired
            )
            let json = try JSONValue(parsing: document.json([Self.surface]))
            let open = json["paths"]?["/open"]?["get"]
            #expect(open?["security"]?.arrayValue?.isEmpty == true)
            #expect(open?["x-ingot-access"]?.stringValue == "public")
            let quick = json["paths"]?["/quick"]?["put"]
            let required: JSONValue = [["bearer": ["admin"]]]
            let optional: JSONValue = [["bearer": ["admin"]], [:]]
            let expected = isRequired ? required : optional
            #expect(quick?["security"] == expected)
            let scheme = json["components"]?["securitySchemes"]?["bearer"]?["scheme"]
            #expect(scheme?.stringValue == "bearer")
        }
    }
}
