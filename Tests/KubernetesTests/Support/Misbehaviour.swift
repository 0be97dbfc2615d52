import JSON
import KubernetesModel

/// What a server may do instead of what it should.
enum Misbehaviour: CaseIterable, Sendable {
    case halfBody, slowBytes, reset, garbage, garbageChunk, busy, error, gone, goneInStream, errorInStream,
        forget, stall
    case cutInEvent, endAtOnce, nothing, cutAtOnce, page, expiredBookmark, circle

    /// Answers a request in this way.
    func answer(_ request: ScriptedRequest, _ connection: ScriptedConnection, _ served: ServedPods) {
        if request.query["watch"] != nil {
            answerWatch(request, connection, served)
        } else {
            answerList(request, connection, served)
        }
    }

    private func answerList(
        _ request: ScriptedRequest,
        _ connection: ScriptedConnection,
        _ served: ServedPods
    ) {
        if answerAnything(connection) { return }
        var query = request.query
        if self == .circle, query["continue"] == "circle" { query["continue"] = nil }
        guard let list = served.list(query) else {
            return connection.answer(failure(410, "Expired"), status: 410)
        }
        let body = list.encoded()
        switch self {
        case .halfBody, .cutInEvent, .stall:
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            connection.send(Array(body.prefix(body.count / 2)))
            if self == .stall { connection.waitForHangUp() } else { connection.cut() }
        case .slowBytes:
            connection.begin()
            for byte in String(decoding: body, as: UTF8.self).unicodeScalars {
                connection.chunk(String(byte))
            }
            connection.end()
        case .garbage, .goneInStream, .errorInStream:
            connection.answer(Array(body.dropLast(1)) + Array(",,".utf8))
        case .gone, .forget:
            served.forget()
            connection.answer(failure(410, "Expired"), status: 410)
        case .endAtOnce: connection.answer([UInt8]())
        case .circle:
            var list = list
            list[at: "metadata", "continue"] = "circle"
            if request.query["continue"] == "circle" { list["items"] = [] }
            connection.answer(list)
        default: connection.answer(list)
        }
    }

    private func answerWatch(
        _ request: ScriptedRequest,
        _ connection: ScriptedConnection,
        _ served: ServedPods
    ) {
        if answerAnything(connection) { return }
        let version = request.query["resourceVersion"].flatMap { Int($0) } ?? 0
        let lines = served.lines(after: version)?.lines ?? []
        switch self {
        case .gone: connection.answer(failure(410, "Gone"), status: 410)
        case .forget:
            served.forget()
            served.serveWatch(request, connection, lines: 1)
        case .expiredBookmark:
            connection.begin()
            let bookmark: JSONValue = ["metadata": ["resourceVersion": .string(String(served.version))]]
            connection.chunk(lines.joined() + ServedPods.line("BOOKMARK", bookmark))
            served.put("expired")
            served.forget()
            connection.end()
        case .nothing, .circle: served.serveWatch(request, connection, lines: 3)
        default:
            connection.begin()
            finish(lines, connection)
        }
    }

    /// Ends a watch that was begun, after some of its lines.
    private func finish(_ lines: [String], _ connection: ScriptedConnection) {
        switch self {
        case .slowBytes:
            for scalar in lines.joined().unicodeScalars { connection.chunk(String(scalar)) }
            connection.end()
        case .halfBody, .cutInEvent:
            let text = lines.joined()
            connection.chunk(String(text.unicodeScalars.prefix(text.unicodeScalars.count * 2 / 3)))
            connection.cut()
        case .garbage:
            connection.chunk(
                (lines.first ?? "")
                    + "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"999\"}}\n"
            )
            connection.end()
        case .goneInStream:
            connection.chunk((lines.first ?? "") + ServedPods.line("ERROR", failure(410, "Expired")))
            connection.end()
        case .errorInStream:
            connection.chunk((lines.first ?? "") + ServedPods.line("ERROR", failure(500, "InternalError")))
            connection.end()
        case .stall:
            if let line = lines.first { connection.chunk(line) }
            connection.waitForHangUp()
        default: connection.end()
        }
    }

    /// Answers in a way that is the same for lists and watches; returns whether this is such a way.
    private func answerAnything(_ connection: ScriptedConnection) -> Bool {
        switch self {
        case .reset: connection.reset()
        case .garbageChunk:
            connection.begin()
            connection.send("zz\r\n{}\r\n")
            connection.cut()
        case .busy:
            connection.answer(failure(429, "TooManyRequests"), status: 429, headers: ["Retry-After": "1"])
        case .cutAtOnce: connection.cut()
        case .page: connection.answer(Array("<html>\n<p>Please log in.</p>\n</html>\n".utf8))
        case .error: connection.answer(Array("oops".utf8), status: 500)
        default: return false
        }
        return true
    }
}
