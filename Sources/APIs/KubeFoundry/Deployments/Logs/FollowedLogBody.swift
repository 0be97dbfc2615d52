import ControlPlane
import HTTPServer
import HTTPTypes
import JSON

extension Response {
    /// A deployment's logs as they are written, as server-sent events. Lines are events without a type; what happens to pods comes
    /// as events of the type `note`, and the end as `end`, so that a client does not connect again.
    init(events log: FollowedLog, hasTimestamps: Bool) {
        let events = log.map { item in item.event(hasTimestamps: hasTimestamps) }
        self.init(events: EndedEvents(base: events))
        keepFromProxies()
    }

    /// A deployment's logs as they are written, as text.
    init(text log: FollowedLog, style: LogLineStyle) {
        let chunks = log.map { item in Array((item.text(style) + "\n").utf8) }
        // A client that has gone is noticed when something is sent to it.
        let heartbeat = ResponseStream.Heartbeat(interval: .seconds(30), bytes: Array("---\n".utf8))
        self.init(contentType: .text, body: .stream(ResponseStream(chunks, heartbeat: heartbeat)))
        keepFromProxies()
    }

    /// nginx holds answers back unless it is told not to, and a stream is never the same again.
    private mutating func keepFromProxies() {
        add(.cacheControl, "no-store")
        if let name = HTTPField.Name("X-Accel-Buffering") { add(name, "no") }
    }
}

extension FollowedLogItem {
    /// `{pod, container, line, time?}` for a line.
    fileprivate func event(hasTimestamps: Bool) -> ServerSentEvent {
        var members = JSONMembers()
        if let source {
            members["pod"] = .string(source.pod)
            members["container"] = .string(source.container)
        }
        switch content {
        case .line(let line):
            members["line"] = .string(line.text)
            if hasTimestamps, !line.stamp.isEmpty { members["time"] = .string(line.stamp) }
            return ServerSentEvent(data: JSONValue.object(members).description)
        case .note(let text):
            members["message"] = .string(text)
            return ServerSentEvent(event: "note", data: JSONValue.object(members).description)
        }
    }

    fileprivate func text(_ style: LogLineStyle) -> String {
        switch (content, source) {
        case (.line(let line), let source?): style.text(of: line, from: source)
        case (.line(let line), nil): line.text
        case (.note(let text), let source?): "--- \(LogLineStyle.prefix(source))\(text)"
        case (.note(let text), nil): "--- \(text)"
        }
    }
}

/// Events, and one more that tells that they are over.
private struct EndedEvents<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == ServerSentEvent {
    let base: Base

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var isOver = false

        mutating func next() async throws -> ServerSentEvent? {
            guard !isOver else { return nil }
            if let event = try await base.next() { return event }
            isOver = true
            return ServerSentEvent(event: "end", data: "{}")
        }
    }
}
