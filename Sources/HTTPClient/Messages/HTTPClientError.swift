/// Why a request got no complete answer. It names the host and no secret: neither a query string nor credentials.
public struct HTTPClientError: Error, Sendable, Hashable {
    /// What went wrong, in one word.
    public enum Kind: Sendable, Hashable {
        /// The host's name, or the proxy's, has no address.
        case resolve
        /// No connection came about.
        case connect
        /// The TLS handshake failed, or a certificate is not trusted.
        case tls
        /// A deadline passed.
        case timeout(Deadline)
        /// The connection ended before the answer did.
        case cutOff
        /// The answer is longer than the request allows.
        case tooLarge
        /// What came is not HTTP.
        case protocolViolation
        /// The task was cancelled, the answer's body dropped, or the client shut down.
        case cancelled
        /// The request cannot be sent as it is.
        case invalidRequest
        /// The sequence that the request's body comes from threw an error.
        case requestBody
    }

    /// The deadlines that a request has.
    public enum Deadline: String, Sendable, Hashable, CaseIterable {
        /// Until there is a connection.
        case connect
        /// Until the answer begins.
        case firstByte = "first byte"
        /// Between one byte and the next.
        case idle
        /// Until the answer is complete.
        case total
    }

    /// What went wrong.
    public var kind: Kind
    /// The host and port that the request was for; empty when the URL has none.
    public var host: String
    /// What went wrong, in words.
    public var reason: String

    /// An error of that kind.
    public init(_ kind: Kind, host: String, reason: String) {
        self.kind = kind
        self.host = host
        self.reason = reason
    }
}

extension HTTPClientError.Kind {
    /// The kind as a metric's label has it.
    public var label: String {
        switch self {
        case .resolve: "resolve"
        case .connect: "connect"
        case .tls: "tls"
        case .timeout: "timeout"
        case .cutOff: "cut_off"
        case .tooLarge: "too_large"
        case .protocolViolation: "protocol"
        case .cancelled: "cancelled"
        case .invalidRequest: "invalid_request"
        case .requestBody: "request_body"
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    /// The host and the reason.
    public var description: String {
        host.isEmpty ? reason : "\(host): \(reason)"
    }
}
