public import HTTPTypes

/// The version of HTTP of an answer.
public enum HTTPVersion: String, Sendable, Hashable {
    /// HTTP/1.0.
    case http1_0 = "HTTP/1.0"
    /// HTTP/1.1.
    case http1_1 = "HTTP/1.1"
    /// HTTP/2.
    case http2 = "HTTP/2"
}

/// An answer whose head has arrived and whose body is on its way.
public struct HTTPClientResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields. Those of a body that was decompressed (`Content-Encoding`, `Content-Length`) are left out.
    public var headers: HTTPFields
    /// The version of HTTP.
    public var version: HTTPVersion
    /// Where the answer came from: the request's URL, or where redirects led, with the credentials that it may hold.
    public var url: String
    /// The body. When nothing refers to it any more, the transfer ends.
    public var body: HTTPClientBody
}

/// An answer with its whole body.
public struct HTTPClientCollectedResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The header fields.
    public var headers: HTTPFields
    /// The version of HTTP.
    public var version: HTTPVersion
    /// Where the answer came from: the request's URL, or where redirects led, with the credentials that it may hold.
    public var url: String
    /// The body.
    public var body: [UInt8]
}

/// What an answer begins with.
struct ResponseHead: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var version: HTTPVersion
}
