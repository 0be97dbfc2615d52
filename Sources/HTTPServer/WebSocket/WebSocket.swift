import Synchronization

/// A WebSocket as a handler sees it.
public final class WebSocket: Sendable {
    /// A message.
    public enum Message: Sendable, Equatable {
        /// Text.
        case text(String)
        /// Bytes.
        case binary([UInt8])

        var size: Int {
            switch self {
            case .text(let text): text.utf8.count
            case .binary(let bytes): bytes.count
            }
        }
    }

    /// How the peer closed.
    public struct Closure: Sendable, Equatable {
        /// Why; `abnormal` when the connection just broke, `noStatus` when the peer gave no code.
        public let code: WebSocketCloseCode
        /// The peer's words.
        public let reason: String
    }

    /// The subprotocol that was agreed, or nil.
    public let subprotocol: String?
    private let inbox: WebSocketInbox
    private let writer: ResponseBodyWriter
    private let requestClose: @Sendable (WebSocketCloseCode, String) -> Void
    private let closureState = Mutex<Closure?>(nil)

    init(
        subprotocol: String?,
        inbox: WebSocketInbox,
        writer: ResponseBodyWriter,
        requestClose: @escaping @Sendable (WebSocketCloseCode, String) -> Void
    ) {
        self.subprotocol = subprotocol
        self.inbox = inbox
        self.writer = writer
        self.requestClose = requestClose
    }

    /// The next message, or nil once the peer has closed or is gone, or the calling task is cancelled.
    ///
    /// Several tasks may call; each message goes to one of them, the longest-waiting first.
    public func next() async -> Message? {
        await inbox.next()
    }

    /// How the peer closed, once `next` has returned nil.
    public var closure: Closure? {
        closureState.withLock(\.self)
    }

    /// Sends text; returns when there is room for more.
    ///
    /// - Throws: `ResponseBodyWriter.Closed` when the socket is closed, `CancellationError` when the task was cancelled.
    public func send(_ text: String) async throws {
        try await writer.write(WebSocketEncoder.text(text))
    }

    /// Sends bytes; returns when there is room for more.
    ///
    /// - Throws: `ResponseBodyWriter.Closed` when the socket is closed, `CancellationError` when the task was cancelled.
    public func send(_ bytes: [UInt8]) async throws {
        try await writer.write(WebSocketEncoder.binary(bytes))
    }

    /// Starts the closing handshake. What was sent before goes out first.
    public func close(_ code: WebSocketCloseCode = .normal, reason: String = "") {
        requestClose(code, reason)
    }

    func closed(_ closure: Closure) {
        closureState.withLock { $0 = $0 ?? closure }
        inbox.end()
        writer.close()
    }
}
