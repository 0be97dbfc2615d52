/// What a route answers to turn its connection into a WebSocket, RFC 6455.
public struct WebSocketUpgrade: Sendable {
    /// The subprotocols that the handler speaks, best first; the first one that the client offers is chosen.
    public var subprotocols: [String]
    /// Speaks with the client. When it returns, the socket is closed with code 1000, when it throws, with 1011.
    public var handler: @Sendable (WebSocket) async throws -> Void

    /// An upgrade.
    public init(subprotocols: [String] = [], handler: @escaping @Sendable (WebSocket) async throws -> Void) {
        self.subprotocols = subprotocols
        self.handler = handler
    }
}
