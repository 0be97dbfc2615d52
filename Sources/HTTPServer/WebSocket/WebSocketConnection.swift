import Logging

/// A connection that speaks WebSocket, RFC 6455.
final class WebSocketConnection: WireProtocol {
    private var session: WebSocketSession
    private let inbox: WebSocketInbox
    private let writer: ResponseBodyWriter
    let socket: WebSocket
    private var task: Task<Void, Never>?

    init(_ upgrade: WebSocketUpgrade, subprotocol: String?, on channel: Channel, loop: EventLoop) {
        session = WebSocketSession(
            messageLimit: loop.settings.limits.webSocketMessageSize,
            timing: .init(ping: loop.timeouts.ping),
            now: loop.clock.now
        )
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
        channel.setDeadline(session.deadline, loop: loop)
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
        let events = session.receive(
            Span(_unsafeBytes: bytes),
            hasRoom: hasRoom(channel),
            output: &loop.scratch
        )
        channel.heldInput = session.heldBytes
        handle(events, on: channel, loop: loop)
        if session.state == .closed { channel.close(loop: loop) }
    }

    func inputEnded(on channel: Channel, loop: EventLoop) {
        handle(session.abandon(), on: channel, loop: loop)
        channel.close(loop: loop)
    }

    func outputDrained(on channel: Channel, loop: EventLoop) {
        session.answerPing(output: &loop.scratch)
        sendWritten(on: channel, loop: loop)
    }

    func deadlinePassed(on channel: Channel, loop: EventLoop) {
        // How long the peer may take to read is the channel's concern.
        if channel.hasOutput { session.closeIsHeldUp(now: loop.clock.now) }
        let isReading = channel.interest.contains(.read)
        guard session.deadlinePassed(now: loop.clock.now, isReading: isReading, output: &loop.scratch) else {
            handle(session.abandon(), on: channel, loop: loop)
            channel.abort(loop: loop)
            return
        }
        channel.setDeadline(session.deadline, loop: loop)
    }

    func serverStopping(on channel: Channel, loop: EventLoop) {
        close(.goingAway, "the server is stopping", on: channel, loop: loop)
    }

    func closed(on channel: Channel, loop: EventLoop) {
        handle(session.abandon(), on: channel, loop: loop)
        task?.cancel()
        task = nil
    }

    // MARK: The handler's side

    private func handle(_ events: [WebSocketSession.Event], on channel: Channel, loop: EventLoop) {
        for event in events {
            switch event {
            case .message(let message): if !inbox.add(message) { channel.setReading(false, loop: loop) }
            case .closed(let closure): socket.closed(closure)
            }
        }
    }

    /// Sends what the handler wrote, unless the client has yet to take what it was sent before.
    private func sendWritten(on channel: Channel, loop: EventLoop) {
        guard session.state == .open, hasRoom(channel) else { return }
        for frame in writer.take() { session.send(frame, output: &loop.scratch) }
    }

    /// Whether more may be sent now; if not, `outputDrained` will tell when.
    private func hasRoom(_ channel: Channel) -> Bool {
        let hasRoom = channel.output.count < ResponseBodyWriter.highWater
        if !hasRoom { channel.wantsDrained = true }
        return hasRoom
    }

    private func close(_ code: WebSocketCloseCode, _ reason: String, on channel: Channel, loop: EventLoop) {
        guard session.state == .open, channel.state == .open else { return }
        for frame in writer.take() { session.send(frame, output: &loop.scratch) }
        session.close(code, reason, now: loop.clock.now, output: &loop.scratch)
        writer.close()
        // The peer's close frame may stand behind messages that nobody took.
        channel.setReading(true, loop: loop)
        channel.setDeadline(session.deadline, loop: loop)
    }
}
