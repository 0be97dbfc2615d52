import HTTPServer
import HTTPTypes
import JSON
import Logging
import Synchronization
import Testing

/// Admits everybody at first, and is asked again all the time whether that still holds.
private final class ChangingGuard: RequestGuard {
    private let state = Mutex((verdicts: [AccessVerdict](), asked: 0))
    private let patience: Duration
    /// Told of each question, which is not answered before it ends; nil where questions are answered at once.
    private let silence: Silence?

    /// Questions, and the end of the wait for their answers.
    struct Silence: Sendable {
        let questions = AsyncStream<Void>.makeStream()
        let end = AsyncStream<Void>.makeStream()
    }

    init(patience: Duration = .seconds(600), silence: Silence? = nil) {
        self.patience = patience
        self.silence = silence
    }

    static let user = Principal(name: "ada")
    static let forbidden = HTTPError(.forbidden, code: "FORBIDDEN", message: "no more")
    static let unknown = HTTPError(.serviceUnavailable, code: "AUTH_UNAVAILABLE", message: "who knows")

    var asked: Int { state.withLock { $0.asked } }

    /// What is said from now on, one after the other; the last one for ever.
    func say(_ verdicts: [AccessVerdict]) { state.withLock { $0.verdicts = verdicts } }

    func screen(_ request: borrowing Request, to route: Route) -> HTTPError? { nil }

    func admit(_ request: Request, to route: Route) -> RequestAdmission { .decided(.admitted(Self.user)) }

    func renewal(of request: Request, to route: Route) -> AccessRenewal? {
        AccessRenewal(interval: .milliseconds(1), patience: patience) { [self] in
            if let silence {
                silence.questions.continuation.yield()
                for await _ in silence.end.stream {}
            }
            return state.withLock { state in
                state.asked += 1
                let verdict = state.verdicts.first ?? .admitted(Self.user)
                if state.verdicts.count > 1 { state.verdicts.removeFirst() }
                return verdict
            }
        }
    }
}

/// What becomes of long answers whose caller may not have them any more.
@Suite(.timeLimit(.minutes(10)))
struct AccessRenewalTests {
    private static func route(_ path: PathTemplate, _ handler: Route.Handler) -> Route {
        let documentation = Route.Documentation(
            operationID: "\(path)",
            summary: "",
            tag: "",
            answers: [.init(200, "")]
        )
        return Route(.get, path, access: .viewer, documentation: documentation, handler: handler)
    }

    /// Writes something, and then nothing more.
    private static func stream(_ first: String, heartbeat: ResponseStream.Heartbeat? = nil) -> Response.Body {
        .stream(
            ResponseStream(heartbeat: heartbeat) { writer in
                try await writer.write(Array(first.utf8))
                let silence = AsyncStream<Void> { _ in }
                for await _ in silence {}
                try Task.checkCancellation()
                return []
            }
        )
    }

    private static func surface(_ silence: ChangingGuard.Silence? = nil) -> Surface {
        Surface(name: "Test", routes: routes(silence), errorSchema: .any) { failure, _, response in
            let body: JSONValue = ["code": .string(failure.code)]
            response.setJSON(body)
        }
    }

    private static func routes(_ silence: ChangingGuard.Silence?) -> [Route] {
        [
            route(
                "/whole",
                .immediate { _, response in
                    response.contentType = .text
                    response.body = .stream(
                        ResponseStream(heartbeat: nil) { writer in
                            try await writer.write(Array("all".utf8))
                            // Until the question is open whether the caller may go on.
                            if let silence { for await _ in silence.questions.stream { break } }
                            return []
                        }
                    )
                }
            ),
            route(
                "/events",
                .immediate { _, response in
                    response.contentType = .eventStream
                    response.body = stream("data: 1\n\n")
                }
            ),
            route(
                "/later",
                .asynchronous { _ in Response(contentType: .eventStream, body: stream("data: 1\n\n")) }
            ),
            route(
                "/half",
                .immediate { _, response in
                    response.contentType = .eventStream
                    response.body = stream("data: 1")
                }
            ),
            route(
                "/text",
                .immediate { _, response in
                    response.contentType = .text
                    response.body = stream("one\n\n")
                }
            ),
            route(
                "/socket",
                .immediate { _, response in
                    response.body = .webSocket(
                        WebSocketUpgrade { socket in
                            try await socket.send("one")
                            while await socket.next() != nil {}
                            try Task.checkCancellation()
                        }
                    )
                }
            ),
        ]
    }

    private func withGuardedServer(
        _ requestGuard: ChangingGuard,
        _ silence: ChangingGuard.Silence? = nil,
        _ body: @escaping @Sendable (RawClient) throws -> Void
    ) async throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let server = try await Server.start(
            address,
            router: try Router([Self.surface(silence)]),
            settings: .patient,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            access: ServerAccess(requestGuard: requestGuard)
        )
        let port = server.address.port
        let outcome = await withTaskExecutorPreference(ThreadExecutor()) {
            Result { try body(RawClient(port: port)) }
        }
        await server.stop()
        try outcome.get()
    }

    @Test(
        "a stream of events ends with an event that says why, and its connection goes on",
        arguments: ["/events", "/later"]
    )
    func events(path: String) async throws {
        let requestGuard = ChangingGuard()
        try await withGuardedServer(requestGuard) { client throws in
            try client.send(Requests.get(path))
            #expect(try client.read(until: "data: 1\n\n").hasPrefix("HTTP/1.1 200 "))
            requestGuard.say([.refused(ChangingGuard.forbidden, ChangingGuard.user)])
            let end = try client.read(until: "\r\n0\r\n\r\n")
            #expect(end.contains("event: error\ndata: {\"code\":\"FORBIDDEN\"}\n\n"))
            try client.send(Requests.get("/nowhere"))
            #expect(try client.readResponse().status == 404)
        }
    }

    @Test(
        "a stream that cannot say why it ends is cut off, so that nobody takes it for whole",
        arguments: [("/half", "data: 1"), ("/text", "one\n\n")]
    )
    func cut(path: String, first: String) async throws {
        let requestGuard = ChangingGuard()
        try await withGuardedServer(requestGuard) { client throws in
            try client.send(Requests.get(path))
            #expect(try client.read(until: first).hasPrefix("HTTP/1.1 200 "))
            requestGuard.say([.refused(ChangingGuard.forbidden, ChangingGuard.user)])
            let text = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(!text.contains("\r\n0\r\n") && !text.contains("error"))
        }
    }

    @Test("an answer that is whole ends, also while it is being asked whether its caller may have it")
    func whole() async throws {
        let silence = ChangingGuard.Silence()
        let requestGuard = ChangingGuard(silence: silence)
        defer { silence.end.continuation.finish() }
        try await withGuardedServer(requestGuard, silence) { client throws in
            try client.send(Requests.get("/whole"))
            #expect(try client.read(until: "\r\n0\r\n\r\n").contains("all"))
        }
        #expect(requestGuard.asked == 0)
    }

    @Test("a WebSocket is closed with the code for what may not be")
    func socket() async throws {
        let requestGuard = ChangingGuard()
        try await withGuardedServer(requestGuard) { client throws in
            try client.send(
                Requests.get(
                    "/socket",
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
                )
            )
            #expect(try client.read(until: "\u{3}one").hasPrefix("HTTP/1.1 101 "))
            requestGuard.say([.refused(ChangingGuard.forbidden, ChangingGuard.user)])
            let frame = try client.read(4 + "FORBIDDEN".utf8.count)
            #expect(Array(frame[..<4]) == [0x88, 11, 0x03, 0xF0])
            #expect(String(decoding: frame[4...], as: UTF8.self) == "FORBIDDEN")
        }
    }

    @Test("while nobody can say whether a caller still may, a stream goes on, though not for ever")
    func unknown() async throws {
        let unknown = AccessVerdict.refused(ChangingGuard.unknown, nil)
        let patient = ChangingGuard()
        try await withGuardedServer(patient) { client throws in
            try client.send(Requests.get("/events"))
            patient.say(
                [AccessVerdict](repeating: unknown, count: 20) + [.admitted(ChangingGuard.user), unknown]
                    + [.refused(ChangingGuard.forbidden, nil)]
            )
            let end = try client.read(until: "\r\n0\r\n\r\n")
            #expect(end.contains("{\"code\":\"FORBIDDEN\"}"))
        }
        #expect(patient.asked >= 23)
        let impatient = ChangingGuard(patience: .zero)
        impatient.say([unknown])
        try await withGuardedServer(impatient) { client throws in
            try client.send(Requests.get("/events"))
            let end = try client.read(until: "\r\n0\r\n\r\n")
            #expect(end.contains("{\"code\":\"AUTH_UNAVAILABLE\"}"))
        }
    }
}
