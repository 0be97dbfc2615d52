import HTTPTypes
import Logging

/// From a complete head to whoever answers it.
extension HTTP1Connection {
    /// Decides what comes of the request, and answers it or starts to read its body.
    func begin(_ head: RequestHead, on channel: Channel, loop: EventLoop) {
        do throws(Refusal) {
            try HeadRules.apply(to: head, authority: loop.authority)
        } catch {
            refuse(error, head: head, on: channel, loop: loop)
            return
        }
        var exchange = makeExchange(head, on: channel, loop: loop)
        guard !loop.isOutOfMemory else {
            refuse(.overloaded, exchange: exchange, on: channel, loop: loop)
            return
        }
        guard head.framing != .none else {
            answer(&exchange, on: channel, loop: loop)
            return
        }
        let limit: Int
        if case .route(let entry, _) = exchange.outcome {
            limit = entry.bodyLimit ?? loop.settings.limits.bodySize
        } else {
            // Nobody wants this body. A small one is read and dropped; rather than a large one the connection goes.
            limit = Exchange.dropLimit
            let isSmall = if case .length(let length) = head.framing { length <= limit } else { false }
            guard isSmall, !head.expectsContinue else {
                exchange.mustClose = true
                answer(&exchange, on: channel, loop: loop)
                return
            }
        }
        if case .length(let length) = head.framing, length > limit {
            refuse(.bodyTooLarge, exchange: exchange, on: channel, loop: loop)
            return
        }
        if head.expectsContinue { loop.scratch.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8) }
        exchange.startBody(limit: limit, now: loop.clock.now)
        self.exchange = exchange
        phase = .body
        channel.setDeadline(loop.clock.now &+ loop.timeouts.bodyIdle, loop: loop)
    }

    private func makeExchange(_ head: RequestHead, on channel: Channel, loop: EventLoop) -> Exchange {
        let limit = loop.settings.limits.requestsPerConnection
        var exchange = Exchange(
            head: head,
            remote: channel.remote,
            identity: RequestID.received(in: head) ?? loop.requestIDs.next(),
            outcome: .options(allow: ""),
            surface: 0,
            route: nil,
            started: loop.measurements.requestStart(loop),
            mustClose: !head.keepsAlive || loop.isStopping || (limit > 0 && requestCount >= limit)
        )
        decide(&exchange, loop: loop)
        return exchange
    }

    private func decide(_ exchange: inout Exchange, loop: EventLoop) {
        let head = exchange.head
        let router = loop.shared.router
        if head.isAsterisk {
            exchange.outcome = .options(allow: router.allMethods)
            return
        }
        if head.method == .other {
            exchange.surface = router.surface(for: head)
            exchange.outcome = .failure(.unknownMethod(head.text(head.methodRange)))
            return
        }
        switch router.match(head) {
        case .route(let entry, let parameters):
            exchange.route = entry
            exchange.surface = entry.surface
            exchange.outcome = .route(entry, parameters)
            if let failure = Admission.failure(of: head, entry: entry, cors: loop.settings.cors) {
                exchange.outcome = .failure(failure)
            } else if let failure = screen(exchange, entry, parameters, loop: loop) {
                exchange.outcome = .failure(failure)
            }
        case .otherMethod(let allow):
            exchange.surface = router.surface(for: head)
            exchange.outcome =
                head.method == .options
                ? .options(allow: allow)
                : .failure(.methodNotAllowed(head.text(head.methodRange), allow: allow))
        case .none:
            exchange.surface = router.surface(for: head)
            exchange.outcome = .failure(.noRoute(head.text(head.methodRange), head.text(head.path)))
        case .malformed:
            exchange.surface = router.surface(for: head)
            exchange.outcome = .failure(
                HTTPError(
                    Refusal.malformed("a path segment is not UTF-8 once its percent-escapes are decoded")
                )
            )
        }
    }

    func bodyComplete(on channel: Channel, loop: EventLoop) {
        guard var exchange else { return }
        self.exchange = nil
        answer(&exchange, on: channel, loop: loop)
    }

    /// Makes the answer, here or off the loop.
    private func answer(_ exchange: inout Exchange, on channel: Channel, loop: EventLoop) {
        loop.response.reset()
        switch exchange.outcome {
        case .failure(let failure): loop.shared.render(failure, exchange: exchange, into: &loop.response)
        case .options(let allow):
            Preflight.answer(exchange.head, allow: allow, cors: loop.settings.cors, into: &loop.response)
        case .route(let entry, let parameters):
            let request = Request(
                head: exchange.head,
                identity: exchange.identity,
                parameters: parameters,
                body: exchange.body,
                remoteAddress: channel.remote,
                tlsPeer: channel.tlsPeer
            )
            guard run(entry, request, &exchange, on: channel, loop: loop) else { return }
        }
        deliver(&loop.response, exchange, on: channel, loop: loop)
    }

    // MARK: Off the loop

    /// Compresses an answer that is too large to do so on the loop.
    func compressElsewhere(_ response: Response, _ exchange: Exchange, on channel: Channel, loop: EventLoop) {
        let number = suspend(exchange, on: channel, loop: loop)
        let compression = loop.settings.compression
        let reply = Reply(mailbox: loop.mailbox, token: channel.token, number: number)
        let head = exchange.head
        task = Task {
            var response = response
            Compression.apply(to: &response, head: head, settings: compression)
            reply.send(response)
        }
    }

    /// Leaves the request to a task; the number returned names it when the answer comes.
    func suspend(_ exchange: Exchange, on channel: Channel, loop: EventLoop) -> UInt32 {
        exchangeNumber &+= 1
        var exchange = exchange
        exchange.isInFlight = true
        self.exchange = exchange
        phase = .answering
        channel.setDeadline(.max, loop: loop)
        loop.measurements.began(loop)
        return exchangeNumber
    }

    /// An answer that was made off the loop has come.
    func replied(
        _ response: Response,
        to principal: Principal?,
        number: UInt32,
        on channel: Channel,
        loop: EventLoop
    ) {
        guard phase == .answering, number == exchangeNumber, var exchange else { return }
        if let principal { exchange.principal = principal }
        self.exchange = nil
        task = nil
        var response = response
        deliver(&response, exchange, isCompressed: true, on: channel, loop: loop)
        resumeReading(on: channel, loop: loop)
    }

    // MARK: Refusals

    /// Answers a request that cannot be processed, and closes.
    func refuse(_ refusal: Refusal, head: RequestHead, on channel: Channel, loop: EventLoop) {
        requestCount += 1
        let exchange = Exchange(
            head: head,
            remote: channel.remote,
            identity: RequestID.received(in: head) ?? loop.requestIDs.next(),
            outcome: .failure(HTTPError(refusal)),
            surface: head.path.isEmpty ? 0 : loop.shared.router.surface(for: head),
            route: nil,
            started: loop.measurements.requestStart(loop),
            mustClose: true
        )
        refuse(refusal, exchange: exchange, on: channel, loop: loop)
    }

    func refuseExchange(_ refusal: Refusal, on channel: Channel, loop: EventLoop) {
        guard let exchange else { return }
        self.exchange = nil
        refuse(refusal, exchange: exchange, on: channel, loop: loop)
    }

    private func refuse(_ refusal: Refusal, exchange: Exchange, on channel: Channel, loop: EventLoop) {
        var exchange = exchange
        exchange.mustClose = true
        loop.response.reset()
        var failure = HTTPError(refusal)
        if refusal.status.code == 503 { failure.fields.append(HTTPField(name: .retryAfter, value: "1")) }
        loop.shared.render(failure, exchange: exchange, into: &loop.response)
        deliver(&loop.response, exchange, on: channel, loop: loop)
    }
}

/// The way of an answer from a task back to the connection that waits for it.
struct Reply: Sendable {
    let mailbox: LoopMailbox
    let token: UInt64
    let number: UInt32

    func send(_ response: Response, to principal: Principal? = nil) {
        perform { connection, channel, loop in
            connection.replied(response, to: principal, number: number, on: channel, loop: loop)
        }
    }

    /// Runs `work` on the loop if the connection is still there and still speaks HTTP/1.
    func perform(_ work: @escaping @Sendable (HTTP1Connection, Channel, EventLoop) -> Void) {
        mailbox.post { [token] loop in
            guard let channel = loop.channel(token), let connection = channel.wire as? HTTP1Connection else {
                return
            }
            work(connection, channel, loop)
            if channel.state != .closed { channel.flush(loop: loop) }
        }
    }
}
