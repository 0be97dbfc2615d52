import HTTPTypes

/// Leaving HTTP for WebSocket.
extension HTTP1Connection {
    /// Answers the handshake and hands the connection over, or says what is wrong with the handshake.
    func startWebSocket(
        _ upgrade: WebSocketUpgrade,
        _ response: Response,
        _ exchange: Exchange,
        on channel: Channel,
        loop: EventLoop
    ) {
        let acceptance: WebSocketHandshake.Acceptance
        do throws(HTTPError) {
            acceptance = try WebSocketHandshake.evaluate(exchange.head, subprotocols: upgrade.subprotocols)
        } catch {
            var refusal = Response()
            loop.shared.render(error, exchange: exchange, into: &refusal)
            deliver(&refusal, exchange, on: channel, loop: loop)
            return
        }
        var fields = [
            HTTPField(name: .upgrade, value: "websocket"),
            HTTPField(name: .connection, value: "Upgrade"),
            HTTPField(name: .secWebSocketAccept, value: acceptance.accept),
        ]
        if let subprotocol = acceptance.subprotocol {
            fields.append(HTTPField(name: .secWebSocketProtocol, value: subprotocol))
        }
        ResponseHead.appendStatusLine(.switchingProtocols, to: &loop.scratch)
        for field in fields + response.fields { ResponseHead.append(field, to: &loop.scratch) }
        loop.scratch.append(contentsOf: "\r\n".utf8)
        loop.measurements.finished(exchange, status: 101, bytes: 0, isCut: false, loop: loop)
        phase = .upgraded
        channel.wire = WebSocketConnection(
            upgrade,
            subprotocol: acceptance.subprotocol,
            on: channel,
            loop: loop
        )
    }
}
