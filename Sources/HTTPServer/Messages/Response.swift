public import HTTPTypes
public import JSON

/// An answer: status, fields and body. The server adds `Date`, `Content-Length` or the transfer coding, the request's id
/// and the security fields.
public struct Response: Sendable {
    /// The body of an answer.
    public enum Body: Sendable {
        /// No body; `Content-Length: 0` where the status allows a body.
        case empty
        /// A body in memory.
        case bytes([UInt8])
        /// A body made while it is sent.
        case stream(ResponseStream)
        /// No HTTP body: the connection becomes a WebSocket.
        case webSocket(WebSocketUpgrade)
    }

    /// The status code.
    public var status: HTTPResponse.Status
    /// The body's media type; not sent when nil.
    public var contentType: ContentType?
    /// Further header fields. Those which the server sets itself (`Content-Length`, `Transfer-Encoding`, `Connection`,
    /// `Date`, `Content-Type`, `X-Request-Id`) do not belong here and are not sent.
    public var fields: [HTTPField] = []
    /// The body.
    public var body: Body
    /// The entity tag of what is answered, quotes included; with it a matching `If-None-Match` gets 304.
    public var entityTag: String?

    /// An answer with `body`.
    public init(status: HTTPResponse.Status = .ok, contentType: ContentType? = nil, body: Body = .empty) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// An answer with `value` as JSON.
    public init(status: HTTPResponse.Status = .ok, json value: some JSONEncodable) {
        self.init(status: status)
        setJSON(value)
    }

    /// Makes `value`, as JSON, the body. The memory of the body that was there is used again.
    public mutating func setJSON(_ value: some JSONEncodable) {
        var writer = JSONWriter(reusing: takeBytes())
        value.encode(to: &writer)
        contentType = .json
        body = .bytes(writer.take())
    }

    /// Adds a header field.
    public mutating func add(_ name: HTTPField.Name, _ value: String) {
        fields.append(HTTPField(name: name, value: value))
    }

    /// The body's bytes, taken out so that they can be changed without a copy.
    mutating func takeBytes() -> [UInt8] {
        guard case .bytes(let bytes) = body else { return [] }
        body = .empty
        return bytes
    }

    /// Makes this the answer that a handler finds before it has said anything, keeping the memory of the body.
    mutating func reset() {
        var bytes = takeBytes()
        bytes.removeAll(keepingCapacity: true)
        status = .ok
        contentType = nil
        if !fields.isEmpty { fields = [] }
        entityTag = nil
        body = .bytes(bytes)
    }
}
