/// One event of an event stream, WHATWG HTML §9.2.
public struct ServerSentEvent: Sendable, Equatable {
    /// What the client sends back as `Last-Event-ID` when it reconnects. NUL, CR and LF, which an id cannot hold, are left out.
    public var id: String?
    /// The event's type; nil for `message`. CR and LF are left out.
    public var event: String?
    /// The payload; it may have several lines.
    public var data: String
    /// How long the client should wait before it reconnects, milliseconds.
    public var retry: Int?

    /// An event.
    public init(id: String? = nil, event: String? = nil, data: String, retry: Int? = nil) {
        self.id = id
        self.event = event
        self.data = data
        self.retry = retry
    }

    /// A comment, which clients ignore: what keeps a silent stream open.
    static let heartbeat: [UInt8] = Array(":\n\n".utf8)

    /// Appends the event as it goes over the wire.
    func append(to bytes: inout [UInt8]) {
        if let id { Self.append("id: ", id.utf8.filter { $0 != 0 && $0 != 0x0A && $0 != 0x0D }, to: &bytes) }
        if let event { Self.append("event: ", event.utf8.filter { $0 != 0x0A && $0 != 0x0D }, to: &bytes) }
        if let retry, retry >= 0 { Self.append("retry: ", Array(String(retry).utf8), to: &bytes) }
        var line: [UInt8] = []
        var previous: UInt8 = 0
        for byte in data.utf8 {
            defer { previous = byte }
            switch byte {
            case 0x0A where previous == 0x0D: continue
            case 0x0A, 0x0D:
                Self.append("data: ", line, to: &bytes)
                line.removeAll(keepingCapacity: true)
            default: line.append(byte)
            }
        }
        Self.append("data: ", line, to: &bytes)
        bytes.append(0x0A)
    }

    private static func append(_ name: StaticString, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8Buffer)
        bytes.append(contentsOf: value)
        bytes.append(0x0A)
    }
}
