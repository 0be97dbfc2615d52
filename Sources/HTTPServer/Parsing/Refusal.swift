import HTTPTypes

/// Why the server does not process a request. After every refusal the connection closes, because what follows on it
/// can no longer be told apart with certainty.
struct Refusal: Error, Sendable, Equatable {
    var status: HTTPResponse.Status
    /// A stable word for programs, such as `BAD_REQUEST`.
    var code: String
    /// What is wrong and what would be right, for people.
    var message: String

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// 400, for what RFC 9112 calls malformed.
    static func malformed(_ message: String) -> Refusal {
        Refusal(.badRequest, "BAD_REQUEST", message)
    }

    static let targetTooLong = Refusal(
        .init(code: 414, reasonPhrase: "URI Too Long"),
        "URI_TOO_LONG",
        "the request target is longer than this server accepts (server.limits.targetSize)"
    )
    static let headTooLarge = Refusal(
        .init(code: 431, reasonPhrase: "Request Header Fields Too Large"),
        "HEADERS_TOO_LARGE",
        "the request head is larger than this server accepts (server.limits.headSize)"
    )
    static let tooManyFields = Refusal(
        .init(code: 431, reasonPhrase: "Request Header Fields Too Large"),
        "HEADERS_TOO_LARGE",
        "the request has more header fields than this server accepts (server.limits.fieldCount)"
    )
    static let bodyTooLarge = Refusal(
        .init(code: 413, reasonPhrase: "Content Too Large"),
        "PAYLOAD_TOO_LARGE",
        "the request body is larger than this route accepts"
    )
    static let versionNotSupported = Refusal(
        .init(code: 505, reasonPhrase: "HTTP Version Not Supported"),
        "HTTP_VERSION_NOT_SUPPORTED",
        "this server speaks HTTP/1.1 and HTTP/1.0"
    )
    static let unknownTransferCoding = Refusal(
        .init(code: 501, reasonPhrase: "Not Implemented"),
        "NOT_IMPLEMENTED",
        "Transfer-Encoding names a coding that this server does not implement; only chunked is"
    )
    static let connectNotImplemented = Refusal(
        .init(code: 501, reasonPhrase: "Not Implemented"),
        "NOT_IMPLEMENTED",
        "this server is not a proxy: CONNECT is not implemented"
    )
    static let expectationFailed = Refusal(
        .init(code: 417, reasonPhrase: "Expectation Failed"),
        "EXPECTATION_FAILED",
        "the only expectation that this server meets is 100-continue"
    )
    static let headTimeout = Refusal(
        .init(code: 408, reasonPhrase: "Request Timeout"),
        "REQUEST_TIMEOUT",
        "the request head did not arrive in time (server.limits.headTimeout)"
    )
    static let bodyTimeout = Refusal(
        .init(code: 408, reasonPhrase: "Request Timeout"),
        "REQUEST_TIMEOUT",
        "the request body did not arrive in time (server.limits.bodyIdleTimeout)"
    )
    static let bodyTooSlow = Refusal(
        .init(code: 408, reasonPhrase: "Request Timeout"),
        "REQUEST_TIMEOUT",
        "the request body arrived too slowly (server.limits.minimumBodyRate)"
    )
    static let misdirected = Refusal(
        .init(code: 421, reasonPhrase: "Misdirected Request"),
        "MISDIRECTED_REQUEST",
        "this server does not serve that Host; add the name to server.allowedHosts"
    )
    static let overloaded = Refusal(
        .init(code: 503, reasonPhrase: "Service Unavailable"),
        "SERVICE_UNAVAILABLE",
        "the server has reached one of its limits; try again shortly"
    )
}
