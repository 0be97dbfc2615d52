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
        if let id { Self.append("id: ", id, without: [0x00, 0x0A, 0x0D], to: &bytes) }
        if let event { Self.append("event: ", event, without: [0x0A, 0x0D], to: &bytes) }
        if let retry, retry >= 0 {
            bytes.append(contentsOf: "retry: ".utf8)
            Decimal.append(UInt64(retry), to: &bytes)
            bytes.append(0x0A)
        }
        var data = data
        data.withUTF8 { Self.appendLines(of: $0, to: &bytes) }
        bytes.append(0x0A)
    }

    private static func append(
        _ name: String,
        _ value: String,
        without barred: [UInt8],
        to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: value.utf8.lazy.filter { !barred.contains($0) })
        bytes.append(0x0A)
    }

    /// Appends a `data` field for each line. A line ends with LF, CR or both, as it does for the client's parser.
    private static func appendLines(of data: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + data.count + 8)
        var rest = data[...]
        while true {
            let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
            bytes.append(contentsOf: "data: ".utf8)
            bytes.append(contentsOf: line)
            bytes.append(0x0A)
            rest = rest[line.endIndex...]
            guard let end = rest.popFirst() else { return }
            if end == 0x0D, rest.first == 0x0A { rest.removeFirst() }
        }
    }
}
