import HTTPServer
import HTTPTypes

/// Routes whose answers are made while they are sent.
extension TestRoutes {
    static let chunk = [UInt8](repeating: 0x63, count: 16 * 1024)

    static func streams(_ probes: Probes) -> [Route] {
        [
            asynchronous("/stream/{n:int}", "text/plain") { request in
                let count = request.parameters.integer("n") ?? 0
                return streamed(probes) { writer in
                    for number in 0..<count { try await writer.write(Array("chunk \(number)\n".utf8)) }
                    return []
                }
            },
            immediate("/stream-now", "text/plain") { _, response in
                response = streamed(probes) { writer in
                    try await writer.write(text)
                    return []
                }
            },
            asynchronous("/trailers", "text/plain") { _ in
                streamed(probes) { writer in
                    try await writer.write(text)
                    return TestRoutes.trailers
                }
            },
            asynchronous("/sized/{n:int}", "text/plain") { request in
                // Announces five bytes and writes as many as it is asked to.
                let count = request.parameters.integer("n") ?? 0
                return streamed(probes, length: 5) { writer in
                    try await writer.write([UInt8](repeating: 0x73, count: count))
                    return []
                }
            },
            asynchronous("/broken", "text/plain") { _ in
                streamed(probes) { writer in
                    try await writer.write(text)
                    throw BrokenOff()
                }
            },
            asynchronous("/endless", "text/plain") { _ in
                streamed(probes) { writer in
                    while true {
                        try await writer.write(chunk)
                        probes.chunks.add()
                    }
                }
            },
            asynchronous("/held", "text/plain") { _ in
                streamed(probes) { writer in
                    try await writer.write(text)
                    try await probes.gate.pass()
                    try await writer.write(text)
                    return []
                }
            },
            asynchronous("/events", "text/event-stream") { _ in Response(events: events()) },
            asynchronous("/heartbeats", "text/event-stream") { _ in
                Response(events: heldEvents(probes), heartbeat: .milliseconds(10))
            },
        ]
    }

    private struct BrokenOff: Error {}

    static var trailers: [HTTPField] {
        ["X-Checksum", "X-Count"].compactMap { HTTPField.Name($0) }.map { HTTPField(name: $0, value: "5") }
    }

    private static func streamed(
        _ probes: Probes,
        length: Int? = nil,
        _ produce: @escaping @Sendable (ResponseBodyWriter) async throws -> [HTTPField]
    ) -> Response {
        let stream = ResponseStream(length: length) { writer in
            defer { probes.endedStreams.add() }
            return try await produce(writer)
        }
        return Response(contentType: .text, body: .stream(stream))
    }

    private static func events() -> AsyncStream<ServerSentEvent> {
        AsyncStream { continuation in
            continuation.yield(ServerSentEvent(id: "1", event: "greeting", data: "hello\nworld", retry: 3000))
            continuation.yield(ServerSentEvent(data: ""))
            continuation.finish()
        }
    }

    /// One event, and the next when the gate opens.
    private static func heldEvents(_ probes: Probes) -> AsyncThrowingStream<ServerSentEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                continuation.yield(ServerSentEvent(data: "first"))
                do {
                    try await probes.gate.pass()
                    continuation.yield(ServerSentEvent(data: "second"))
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in
                task.cancel()
                probes.endedStreams.add()
            }
        }
    }
}
