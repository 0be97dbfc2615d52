public import HTTPTypes

/// A body that is made while it is sent.
///
/// The producer runs off the event loop. A client that reads slowly suspends it in `ResponseBodyWriter.write`; one that goes
/// away cancels its task and makes the next write throw.
public struct ResponseStream: Sendable {
    /// Bytes that the server sends when the producer has been silent for a while, such as a comment of server-sent events.
    public struct Heartbeat: Sendable {
        /// How long the silence must be.
        public var interval: Duration
        /// What is sent.
        public var bytes: [UInt8]

        /// A heartbeat.
        public init(interval: Duration, bytes: [UInt8]) {
            self.interval = interval
            self.bytes = bytes
        }
    }

    /// The number of bytes, if it is known; otherwise the body is chunked, or ends with the connection in HTTP/1.0.
    public var length: Int?
    /// What keeps the connection alive in silence.
    public var heartbeat: Heartbeat?
    /// Writes the body, and returns the trailer fields to send after it.
    public var produce: @Sendable (ResponseBodyWriter) async throws -> [HTTPField]

    /// A body that `produce` writes.
    public init(
        length: Int? = nil,
        heartbeat: Heartbeat? = nil,
        produce: @escaping @Sendable (ResponseBodyWriter) async throws -> [HTTPField]
    ) {
        self.length = length
        self.heartbeat = heartbeat
        self.produce = produce
    }

    /// A body of the elements of `sequence`.
    public init<Chunks: AsyncSequence & Sendable>(
        _ sequence: Chunks,
        length: Int? = nil,
        heartbeat: Heartbeat? = nil
    ) where Chunks.Element == [UInt8] {
        self.init(length: length, heartbeat: heartbeat) { writer in
            for try await chunk in sequence { try await writer.write(chunk) }
            return []
        }
    }
}

extension Response {
    /// A stream of server-sent events with a comment every 15 seconds of silence, so that proxies keep it open.
    public init<Events: AsyncSequence & Sendable>(events: Events, heartbeat: Duration = .seconds(15))
    where Events.Element == ServerSentEvent {
        let stream = ResponseStream(
            heartbeat: .init(interval: heartbeat, bytes: ServerSentEvent.heartbeat)
        ) { writer in
            for try await event in events {
                var bytes: [UInt8] = []
                event.append(to: &bytes)
                try await writer.write(bytes)
            }
            return []
        }
        self.init(contentType: .eventStream, body: .stream(stream))
    }
}
