/// The media type of an answer's body, as its `Content-Type` field has it.
public struct ContentType: Sendable, Hashable {
    /// The field's value, such as `application/json; charset=utf-8`.
    public let value: String

    /// - Parameter value: a media type with its parameters; it must be a legal field value.
    public init(_ value: String) {
        self.value = value
    }

    /// JSON, RFC 8259.
    public static let json = ContentType("application/json; charset=utf-8")
    /// Plain text in UTF-8.
    public static let text = ContentType("text/plain; charset=utf-8")
    /// HTML in UTF-8.
    public static let html = ContentType("text/html; charset=utf-8")
    /// Server-sent events, WHATWG HTML §9.2.
    public static let eventStream = ContentType("text/event-stream; charset=utf-8")
    /// Prometheus text exposition format.
    public static let prometheus = ContentType("text/plain; version=0.0.4; charset=utf-8")
    /// Bytes of no known type.
    public static let octets = ContentType("application/octet-stream")

    /// The type and subtype without parameters.
    public var essence: Substring {
        value.prefix { $0 != ";" }
    }

    /// Whether gzip is likely to make such a body smaller.
    var isCompressible: Bool {
        essence.hasPrefix("text/") || essence.hasSuffix("json") || essence.hasSuffix("xml")
            || essence.hasSuffix("javascript")
    }
}
