import Logging

/// A connection that speaks WebSocket, RFC 6455.
final class WebSocketConnection: WireProtocol {
    private var decoder: WebSocketDecoder
    private let inbox: WebSocketInbox
    private let writer: ResponseBodyWriter
    let socket: WebSocket
    private var task: Task<Void, Never>?
    private var closeIsSent = false
    private var pingIsOut = false
    /// Whether anything has come since the last look.
    private var hasHeard = false

    /// How long the peer has to answer a close frame, nanoseconds.
    private static let closeTime: UInt64 = 5_000_000_000

    init(_ upgrade: WebSocketUpgrade, subprotocol: String?, on channel: Channel, loop: EventLoop) {
        decoder = WebSocketDecoder(limit: loop.settings.limits.webSocketMessageSize)
        let mailbox = loop.mailbox
        let token = channel.token
        let perform:
            @Sendable (@escaping @Sendable (WebSocketConnection, Channel, EventLoop) -> Void) -> Void = {
                work in
                mailbox.post { loop in
                    guard let channel = loop.channel(token),
                        let connection = channel.wire as? WebSocketConnection
                    else {
                        return
                    }
                    work(connection, channel, loop)
                    if channel.state != .closed { channel.flush(loop: loop) }
                }
            }
        inbox = WebSocketInbox {
            perform { _, channel, loop in channel.setReading(true, loop: loop) }
        }
        writer = ResponseBodyWriter {
            perform { connection, channel, loop in connection.sendWritten(on: channel, loop: loop) }
        }
        socket = WebSocket(subprotocol: subprotocol, inbox: inbox, writer: writer) { code, reason in
            perform { connection, channel, loop in connection.close(code, reason, on: channel, loop: loop) }
        }
        channel.setDeadline(loop.clock.now &+ loop.timeouts.ping, loop: loop)
        task = Task { [socket, handler = upgrade.handler, logger = loop.shared.logger] in
            do {
                try await handler(socket)
                socket.close()
            } catch is CancellationError {
                socket.close(.goingAway)
            } catch is ResponseBodyWriter.Closed {
                socket.close()
            } catch {
                logger.error("a WebSocket handler failed", metadata: ["error": "\(error)"])
                socket.close(.internalError)
            }
        }
    }

    // MARK: WireProtocol

    func received(_ bytes: UnsafeRawBufferPointer, on channel: Channel, loop: EventLoop) {
        hasHeard = true
        var events: [WebSocketDecoder.Event] = []
        var violation: WebSocketViolation?
        do throws(WebSocketViolation) {
            try decoder.decode(Span(_unsafeBytes: bytes), into: &events)
        } catch {
            violation = error
        }
        for event in events { handle(event, on: channel, loop: loop) }
        channel.heldInput = decoder.heldBytes
        if let violation {
            end(.init(code: violation.code, reason: violation.reason), on: channel, loop: loop)
            sendClose(violation.code, violation.reason, loop: loop)
            channel.close(loop: loop)
        }
    }

    func inputEnded(on channel: Channel, loop: EventLoop) {
        end(.init(code: .abnormal, reason: ""), on: channel, loop: loop)
        channel.close(loop: loop)
    }

    func outputDrained(on channel: Channel, loop: EventLoop) {
        sendWritten(on: channel, loop: loop)
    }

    func deadlinePassed(on channel: Channel, loop: EventLoop) {
        if closeIsSent || (pingIsOut && !hasHeard) {
            end(.init(code: .abnormal, reason: "no sign of life"), on: channel, loop: loop)
            channel.abort(loop: loop)
            return
        }
        if !hasHeard { loop.scratch.append(contentsOf: WebSocketEncoder.ping()) }
        pingIsOut = !hasHeard
        hasHeard = false
        channel.setDeadline(loop.clock.now &+ loop.timeouts.ping, loop: loop)
    }

    func serverStopping(on channel: Channel, loop: EventLoop) {
        close(.goingAway, "the server is stopping", on: channel, loop: loop)
    }

    func closed(on channel: Channel, loop: EventLoop) {
        end(.init(code: .abnormal, reason: ""), on: channel, loop: loop)
        task?.cancel()
        task = nil
    }

    // MARK: Events

    private func handle(_ event: WebSocketDecoder.Event, on channel: Channel, loop: EventLoop) {
        switch event {
        case .text(let text): deliver(.text(text), on: channel, loop: loop)
        case .binary(let bytes): deliver(.binary(bytes), on: channel, loop: loop)
        case .ping(let payload):
            if !closeIsSent { loop.scratch.append(contentsOf: WebSocketEncoder.pong(payload)) }
        case .pong: break
        case .close(let code, let reason):
            end(.init(code: code ?? .noStatus, reason: reason), on: channel, loop: loop)
            sendClose(code, "", loop: loop)
            channel.close(loop: loop)
        }
    }

    private func deliver(_ message: WebSocket.Message, on channel: Channel, loop: EventLoop) {
        // After our close frame nobody listens any more.
        guard !closeIsSent else { return }
        if !inbox.add(message) { channel.setReading(false, loop: loop) }
    }

    /// Sends what the handler wrote, unless the client has yet to take what it was sent before.
    private func sendWritten(on channel: Channel, loop: EventLoop) {
        guard !closeIsSent, channel.output.count < ResponseBodyWriter.highWater else { return }
        for frame in writer.take() { loop.scratch.append(contentsOf: frame) }
    }

    private func close(_ code: WebSocketCloseCode, _ reason: String, on channel: Channel, loop: EventLoop) {
        guard !closeIsSent, channel.state == .open else { return }
        for frame in writer.take() { loop.scratch.append(contentsOf: frame) }
        sendClose(code, reason, loop: loop)
        writer.close()
        channel.setReading(true, loop: loop)
        channel.setDeadline(loop.clock.now &+ Self.closeTime, loop: loop)
    }

    private func sendClose(_ code: WebSocketCloseCode?, _ reason: String, loop: EventLoop) {
        guard !closeIsSent else { return }
        closeIsSent = true
        loop.scratch.append(contentsOf: WebSocketEncoder.close(code, reason))
    }

    /// Tells the handler that it is over.
    private func end(_ closure: WebSocket.Closure, on channel: Channel, loop: EventLoop) {
        socket.closed(closure)
    }
}
