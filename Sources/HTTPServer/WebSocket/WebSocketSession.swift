/// The server's side of one WebSocket as a state machine, RFC 6455 §5 to §7: bytes and the time come in, bytes to send and
/// what the handler must learn come out. It knows no socket and no clock.
struct WebSocketSession {
    enum Event: Equatable {
        case message(WebSocket.Message)
        /// Nothing more comes from the peer. Follows once, as the last event.
        case closed(WebSocket.Closure)
    }

    enum State: Equatable {
        case open
        /// Our close frame is out, the peer's has yet to come.
        case closing
        /// Nothing is sent and nothing is read any more; the connection is to be closed.
        case closed
    }

    /// Nanoseconds.
    struct Timing {
        /// How long a silence may last before it is broken by a ping, and how long the answer may take.
        var ping: UInt64
        /// How long the peer has to answer a close frame.
        var close: UInt64 = 5_000_000_000
    }

    private(set) var state = State.open
    /// When `deadlinePassed` wants to be called, monotonic nanoseconds.
    private(set) var deadline: UInt64
    private let timing: Timing
    private var decoder: WebSocketDecoder
    private var decoded: [WebSocketDecoder.Event] = []
    private var pingIsOut = false
    /// Whether anything has come since the last look.
    private var hasHeard = false
    /// The payload of the last ping that came while there was no room for its answer.
    private var unanswered: [UInt8]?

    /// - Parameters:
    ///   - messageLimit: bytes of one message.
    ///   - now: monotonic nanoseconds.
    init(messageLimit: Int, timing: Timing, now: UInt64) {
        decoder = WebSocketDecoder(limit: messageLimit)
        self.timing = timing
        deadline = now &+ timing.ping
    }

    /// Bytes held of an unfinished message.
    var heldBytes: Int { decoder.heldBytes }

    // MARK: The peer

    /// Reads what the peer sent.
    ///
    /// - Parameters:
    ///   - hasRoom: whether output may be added at will. While it may not, of several pings only the last is answered, and
    ///     later, as §5.5.3 allows: so a peer that only sends cannot make the output grow.
    ///   - output: what to send is appended here.
    mutating func receive(_ bytes: Span<UInt8>, hasRoom: Bool = true, output: inout [UInt8]) -> [Event] {
        guard state != .closed else { return [] }
        hasHeard = true
        if hasRoom { answerPing(output: &output) }
        var violation: WebSocketViolation?
        do throws(WebSocketViolation) {
            try decoder.decode(bytes, into: &decoded)
        } catch {
            violation = error
        }
        var events: [Event] = []
        for event in decoded { handle(event, hasRoom: hasRoom, output: &output, events: &events) }
        decoded.removeAll(keepingCapacity: true)
        if let violation {
            sendClose(violation.code, violation.reason, output: &output)
            end(.init(code: violation.code, reason: violation.reason), &events)
        }
        return events
    }

    /// The connection has ended, or nobody wants it any more.
    mutating func abandon() -> [Event] {
        var events: [Event] = []
        if state != .closed { end(.init(code: .abnormal, reason: ""), &events) }
        return events
    }

    // MARK: The handler

    /// Sends a frame, unless it is too late for that.
    mutating func send(_ frame: [UInt8], output: inout [UInt8]) {
        if state == .open { output.append(contentsOf: frame) }
    }

    /// Answers the last ping if that had to wait for room.
    mutating func answerPing(output: inout [UInt8]) {
        guard let payload = unanswered else { return }
        unanswered = nil
        send(WebSocketEncoder.pong(payload), output: &output)
    }

    /// Starts the closing handshake, §7.1.2; without effect when it has started already.
    mutating func close(_ code: WebSocketCloseCode, _ reason: String, now: UInt64, output: inout [UInt8]) {
        guard state == .open else { return }
        sendClose(code, reason, output: &output)
        deadline = now &+ timing.close
    }

    /// Our close frame has yet to go out, behind what was sent before it: the peer's time to answer it begins then.
    mutating func closeIsHeldUp(now: UInt64) {
        if state == .closing { deadline = now &+ timing.close }
    }

    // MARK: Time

    /// Looks after a silent peer.
    ///
    /// - Parameter isReading: whether what the peer sends is read at all; while it is not, silence says nothing about it.
    /// - Returns: false when the peer shows no sign of life and the connection should be cut off.
    mutating func deadlinePassed(now: UInt64, isReading: Bool, output: inout [UInt8]) -> Bool {
        guard now >= deadline else { return true }
        guard state == .open, hasHeard || !pingIsOut || !isReading else { return false }
        pingIsOut = isReading && !hasHeard
        if pingIsOut { output.append(contentsOf: WebSocketEncoder.ping()) }
        hasHeard = false
        deadline = now &+ timing.ping
        return true
    }

    // MARK: Frames

    private mutating func handle(
        _ event: WebSocketDecoder.Event,
        hasRoom: Bool,
        output: inout [UInt8],
        events: inout [Event]
    ) {
        switch event {
        // After our close frame nobody listens any more.
        case .text(let text): if state == .open { events.append(.message(.text(text))) }
        case .binary(let bytes): if state == .open { events.append(.message(.binary(bytes))) }
        case .ping(let payload):
            unanswered = payload
            if hasRoom { answerPing(output: &output) }
        case .pong: break
        case .close(let code, let reason):
            sendClose(code, "", output: &output)
            end(.init(code: code ?? .noStatus, reason: reason), &events)
        }
    }

    private mutating func sendClose(_ code: WebSocketCloseCode?, _ reason: String, output: inout [UInt8]) {
        guard state == .open else { return }
        output.append(contentsOf: WebSocketEncoder.close(code, reason))
        state = .closing
    }

    private mutating func end(_ closure: WebSocket.Closure, _ events: inout [Event]) {
        state = .closed
        deadline = .max
        unanswered = nil
        events.append(.closed(closure))
    }
}
