/// Why a WebSocket is closed, RFC 6455 §7.4.
public struct WebSocketCloseCode: Sendable, Hashable, RawRepresentable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// A code by number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose of the connection is fulfilled.
    public static let normal = WebSocketCloseCode(rawValue: 1000)
    /// The server is stopping, or the page was left.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// The peer sent data of a kind that is not taken.
    public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// A close frame without a code was received. Never on the wire.
    public static let noStatus = WebSocketCloseCode(rawValue: 1005)
    /// The connection ended without a close frame. Never on the wire.
    public static let abnormal = WebSocketCloseCode(rawValue: 1006)
    /// Text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// The peer may not do what it did.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// A message larger than the limit.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// Something went wrong inside the server.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)

    /// Whether the code may stand in a close frame: those of §7.4.1 and the registry that are not reserved, and the ranges
    /// for libraries and applications (§7.4.2).
    var isLegalOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// The peer broke a rule; the connection is closed with `code`.
struct WebSocketViolation: Error, Equatable {
    let code: WebSocketCloseCode
    let reason: String
}
