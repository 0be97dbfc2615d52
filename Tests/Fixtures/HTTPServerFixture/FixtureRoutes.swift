import Dispatch
import HTTPServer
import HTTPTypes
import JSON
import Telemetry

/// The fixture's route table.
enum FixtureRoutes {
    static func surface(metrics: PrometheusRegistry) -> Surface {
        Surface(
            name: "fixture",
            routes: [
                route(
                    .get,
                    "/metrics",
                    "text/plain",
                    .immediate { _, response in
                        response.contentType = .text
                        var page: [UInt8] = []
                        metrics.write(into: &page)
                        response.body = .bytes(page)
                    }
                ),
                route(.get, "/peer", "application/json", .immediate(peer)),
                route(.get, "/text", "text/plain", .immediate(text)),
                route(.get, "/large", "application/json", .immediate(large)),
                route(.get, "/page", "text/html", .immediate(page)),
                route(.post, "/echo", nil, .immediate(echo)),
                route(.put, "/echo", nil, .immediate(echo)),
                route(.get, "/slow", "text/plain", .asynchronous(slow)),
                route(.get, "/stream", "application/octet-stream", .asynchronous(stream)),
                route(.get, "/events", "text/event-stream", .asynchronous(events)),
                route(.get, "/ws", nil, .asynchronous(echoSocket)),
            ],
            errorSchema: .object { [] },
            renderError: { failure, id, response in
                var members = JSONMembers()
                members["code"] = .string(failure.code)
                members["error"] = .string(failure.message)
                members["requestId"] = .string(id)
                response.setJSON(JSONValue.object(members))
            }
        )
    }

    /// Who the client is by its certificate.
    private static func peer(_ request: borrowing Request, _ response: inout Response) {
        var members = JSONMembers()
        members["commonName"] = request.tlsPeer?.commonName.map(JSONValue.string) ?? .null
        members["organizations"] = .array((request.tlsPeer?.organizations ?? []).map(JSONValue.string))
        response.setJSON(JSONValue.object(members))
    }

    private static func route(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        _ mediaType: String?,
        _ handler: Route.Handler
    ) -> Route {
        Route(
            method,
            path,
            access: .anyone,
            documentation: .init(
                operationID: method.rawValue + path.description,
                summary: "",
                tag: "fixture",
                answers: [.init(200, "", mediaType: mediaType)]
            ),
            bodyLimit: 8 << 20,
            handler: handler
        )
    }

    private static func text(_ request: borrowing Request, _ response: inout Response) {
        response.contentType = .text
        response.body = .bytes(Array("hello".utf8))
    }

    private static let largeBytes: [UInt8] = {
        var writer = JSONWriter()
        writer.array { writer in
            for index in 0..<20_000 {
                writer.object { writer in
                    writer.key("index")
                    writer.integer(index)
                    writer.key("name")
                    writer.string("item number \(index)")
                }
            }
        }
        return writer.take()
    }()

    private static func large(_ request: borrowing Request, _ response: inout Response) {
        response.contentType = .json
        response.body = .bytes(largeBytes)
    }

    private static func echo(_ request: borrowing Request, _ response: inout Response) {
        response.contentType = ContentType(request[.contentType] ?? "application/octet-stream")
        response.body = .bytes(request.body)
    }

    /// A handler that takes as long as it is asked to.
    private static func slow(_ request: Request) async -> Response {
        let milliseconds = request.query["ms"].flatMap(Int.init) ?? 100
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                continuation.resume()
            }
        }
        return Response(contentType: .text, body: .bytes(Array("late".utf8)))
    }

    private static func stream(_ request: Request) -> Response {
        let count = request.query["chunks"].flatMap(Int.init) ?? 10
        let chunk = [UInt8](repeating: 0x61, count: request.query["size"].flatMap(Int.init) ?? 1000)
        return Response(
            contentType: .octets,
            body: .stream(
                ResponseStream { writer in
                    for _ in 0..<count { try await writer.write(chunk) }
                    return []
                }
            )
        )
    }

    private static func events(_ request: Request) -> Response {
        let isEndless = request.query["endless"] != nil
        let events = AsyncStream<ServerSentEvent> { continuation in
            for id in 1...3 {
                continuation.yield(
                    ServerSentEvent(id: String(id), event: "tick", data: "event\nnumber \(id)")
                )
            }
            if !isEndless { continuation.finish() }
        }
        return Response(events: events)
    }

    /// Sends back what it is sent; the text `close` makes it close.
    private static func echoSocket(_ request: Request) -> Response {
        Response(
            body: .webSocket(
                WebSocketUpgrade(subprotocols: ["echo.v2", "echo.v1"]) { socket in
                    while let message = await socket.next() {
                        switch message {
                        case .text("close"):
                            socket.close(.normal, reason: "as you wish")
                        case .text(let text): try await socket.send(text)
                        case .binary(let bytes): try await socket.send(bytes)
                        }
                    }
                }
            )
        )
    }

    private static func page(_ request: borrowing Request, _ response: inout Response) {
        response.contentType = .html
        response.body = .bytes(Array(html.utf8))
    }

    /// A page that tries what browsers have: fetch, an event stream and a WebSocket. Each outcome goes into the document.
    private static let html = """
        <!doctype html><title>fixture</title><body>
        <p id="fetch"></p><p id="post"></p><p id="events"></p><p id="socket"></p>
        <script>
        let awaited = 4
        const show = (id, text) => { document.getElementById(id).textContent = text; awaited -= 1 }
        // A headless browser's clock stands still for fetches only, so one is kept open until all the rest is there.
        const hold = () => { if (awaited > 0) fetch("/slow?ms=50").then(hold) }
        hold()
        fetch("/text").then(r => r.text()).then(t => show("fetch", "fetched " + t))
        fetch("/echo", {method: "POST", body: "posted"}).then(r => r.text()).then(t => show("post", "echoed " + t))
        const source = new EventSource("/events?endless=1"), seen = []
        source.addEventListener("tick", e => {
          seen.push(e.lastEventId + "=" + e.data.replace("\\n", "/"))
          if (seen.length == 3) { source.close(); show("events", "events " + seen.join(" ")) }
        })
        const socket = new WebSocket("ws://" + location.host + "/ws", ["echo.v1"])
        socket.onopen = () => socket.send("grüße")
        socket.onmessage = e => { show("socket", "socket " + e.data + " " + socket.protocol); socket.send("close") }
        </script></body>
        """
}
