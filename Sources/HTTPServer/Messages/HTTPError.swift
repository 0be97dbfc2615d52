public import HTTPTypes
public import JSON

/// A failure that a handler or the server answers with. A surface's error renderer gives it its JSON shape.
public struct HTTPError: Error, Sendable, Equatable {
    /// The status code of the answer.
    public var status: HTTPResponse.Status
    /// A stable word for programs, such as `VALIDATION_ERROR`.
    public var code: String
    /// What is wrong and what to do about it, for people. It may be shown to anyone who may call the route.
    public var message: String
    /// Particulars for programs, by name.
    public var details: [(name: String, value: JSONValue)]
    /// Header fields that the answer must carry, such as `Allow` or `Retry-After`.
    public var fields: [HTTPField]

    /// A failure with the given answer.
    public init(
        _ status: HTTPResponse.Status,
        code: String,
        message: String,
        details: [(name: String, value: JSONValue)] = [],
        fields: [HTTPField] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.fields = fields
    }

    init(_ refusal: Refusal) {
        self.init(refusal.status, code: refusal.code, message: refusal.message)
    }

    /// Whether both would be answered alike.
    public static func == (left: HTTPError, right: HTTPError) -> Bool {
        left.status == right.status && left.code == right.code && left.message == right.message
            && left.fields == right.fields && left.details.elementsEqual(right.details) { $0 == $1 }
    }

    /// 404 for a path that no route has.
    static func noRoute(_ method: String, _ path: String) -> HTTPError {
        HTTPError(.notFound, code: "NOT_FOUND", message: "no such route: \(method) \(path)")
    }

    /// 405 with the methods that the path does take, RFC 9110 §15.5.6.
    static func methodNotAllowed(_ method: String, allow: String) -> HTTPError {
        HTTPError(
            .methodNotAllowed,
            code: "METHOD_NOT_ALLOWED",
            message: "this path does not take \(method); it takes \(allow)",
            fields: [HTTPField(name: .allow, value: allow)]
        )
    }

    /// 501 for a method that no route of any path has, RFC 9110 §9.1.
    static func unknownMethod(_ method: String) -> HTTPError {
        HTTPError(
            .notImplemented,
            code: "NOT_IMPLEMENTED",
            message: "this server does not implement the method \(method)"
        )
    }

    static func notAcceptable(_ offered: [String]) -> HTTPError {
        HTTPError(
            .notAcceptable,
            code: "NOT_ACCEPTABLE",
            message: "Accept allows none of the media types that this route answers with: "
                + offered.joined(separator: ", ")
        )
    }

    static func unsupportedMediaType(_ accepted: [String]) -> HTTPError {
        HTTPError(
            .unsupportedMediaType,
            code: "UNSUPPORTED_MEDIA_TYPE",
            message: "this route takes a body of type " + accepted.joined(separator: " or ")
                + "; say so in Content-Type",
            fields: [HTTPField(name: .accept, value: accepted.joined(separator: ", "))]
        )
    }

    static func crossOrigin(_ origin: String) -> HTTPError {
        HTTPError(
            .forbidden,
            code: "FORBIDDEN",
            message:
                "a page of \(origin) may not change anything here; add the origin to server.cors.allowedOrigins"
        )
    }

    /// 500. What went wrong inside is for the log, not for the client.
    static let internalError = HTTPError(
        .internalServerError,
        code: "INTERNAL_ERROR",
        message: "something went wrong inside the server; its log has the particulars under this request's id"
    )
}
