public final class WebSocket: Sendable {}
