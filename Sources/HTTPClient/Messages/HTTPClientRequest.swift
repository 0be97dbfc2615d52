public import HTTPTypes

/// What is asked of a server.
public struct HTTPClientRequest: Sendable {
    /// The method.
    public var method: HTTPRequest.Method
    /// An absolute URL with the scheme `http` or `https`, its special characters percent-encoded.
    public var url: String
    /// Header fields. Those of the framing and the connection (`Host`, `Content-Length`, `Transfer-Encoding`, `Connection`,
    /// `Expect`, `TE`, `Upgrade`) are the client's own to send; `host` says what the first says.
    public var headers: HTTPFields
    /// What the field `Host` says (`:authority` in HTTP/2) in place of the URL's host and port, by which a server tells several
    /// sites apart; nil for the URL's. It does not follow a redirect to another host.
    public var host: String?
    /// The body.
    public var body: HTTPClientRequestBody
    /// How long things may take.
    public var deadlines = HTTPClientDeadlines()
    /// The most bytes that the answer's body may have, after decompression; nil for no bound.
    public var maximumResponseBytes: Int?
    /// What a redirecting answer leads to.
    public var redirects = RedirectPolicy.refuse
    /// How TLS is spoken.
    public var tls = TLSOptions()
    /// The proxy; nil for the client's own setting.
    public var proxy: ProxyPolicy?
    /// The version of HTTP.
    public var version = HTTPVersionPreference.automatic
    /// Whether a gzip-compressed answer is asked for, and decompressed.
    public var acceptsCompression = true
    /// What metrics call the server; nil for its host and port. A name keeps the number of metrics small where hosts are
    /// many.
    public var destination: String?

    /// A request without special wishes.
    public init(
        method: HTTPRequest.Method = .get,
        url: String,
        headers: HTTPFields = [:],
        body: HTTPClientRequestBody = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// How long the parts of a request may take. nil: for ever.
public struct HTTPClientDeadlines: Sendable, Hashable {
    /// From the start until there is a connection, TLS included.
    public var connect: Duration? = .seconds(10)
    /// From when the request, or the part of its body there is so far, was sent until the first byte of the answer.
    public var firstByte: Duration?
    /// Between two bytes of the answer. Time that the reader of the body takes does not count.
    public var idle: Duration?
    /// From the start until the last byte of the answer.
    public var total: Duration?

    /// A set of deadlines.
    public init(
        connect: Duration? = .seconds(10),
        firstByte: Duration? = nil,
        idle: Duration? = nil,
        total: Duration? = nil
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}

/// What is done with an answer that redirects (301, 302, 303, 307, 308 with a `Location`).
public enum RedirectPolicy: Sendable, Hashable {
    /// The redirecting answer is the answer.
    case refuse
    /// It is followed so many times at most. Credentials (the `Authorization`, `Cookie` and `Proxy-Authorization` fields, the
    /// fields named here, and the client's certificate) go to the same scheme, host and port only. One redirect more, and one
    /// from `https` to `http`, fail with `protocolViolation`. A 307 or 308 for a request with a streamed body is the answer,
    /// since the body cannot be sent again.
    case follow(limit: Int, credentialFields: Set<HTTPField.Name> = [])
}

/// Which version of HTTP a request uses.
///
/// Many requests share one connection in HTTP/2. libcurl 7.88 cannot hold one of them back (its window is 32 MB, and what does
/// not fit stops the whole connection), so the readers of answers that come over HTTP/2 must keep up; see `http2`.
public enum HTTPVersionPreference: Sendable, Hashable {
    /// As `http2` for `HTTPClient.fetch`, which keeps up by its nature, and as `http1` for `HTTPClient.send`, whose answers are
    /// read at the reader's pace.
    case automatic
    /// HTTP/1.1. A slow reader holds the server back.
    case http1
    /// HTTP/2 where the server offers it in the TLS handshake, else HTTP/1.1. Over HTTP/2 a reader that leaves more unread than
    /// 64 MB gets the error `tooLarge`: for answers that
    /// trickle, such as watches, and those that are small.
    case http2
    /// HTTP/2 without asking, also without TLS; otherwise as `http2`.
    case http2PriorKnowledge
}

extension HTTPVersionPreference {
    /// Whether a request may share its connection with others.
    var allowsSharing: Bool { self == .http2 || self == .http2PriorKnowledge }
}
