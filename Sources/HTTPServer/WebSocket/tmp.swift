extension HTTP1Connection { func startWebSocket(_ upgrade: WebSocketUpgrade, _ response: Response, _ exchange: Exchange, on channel: Channel, loop: EventLoop) {} }
