import HTTPTypes

/// From a whole request to its route's answer: who makes it, the handler, and the record of a change.
extension HTTP1Connection {
    /// Why a request for that route is turned away before its body is read; nil when it is not.
    func screen(
        _ exchange: borrowing Exchange,
        _ entry: Router.Entry,
        _ parameters: PathParameters,
        loop: EventLoop
    ) -> HTTPError? {
        guard entry.route.access != .anyone, let requestGuard = loop.shared.access.requestGuard else {
            return nil
        }
        let request = Request(
            head: exchange.head,
            identity: exchange.identity,
            parameters: parameters,
            body: [],
            remoteAddress: exchange.remote,
            tlsPeer: nil
        )
        return requestGuard.screen(request, to: entry.route)
    }

    /// Answers the request into the loop's response, or leaves it to a task and returns false.
    func run(
        _ entry: Router.Entry,
        _ request: Request,
        _ exchange: inout Exchange,
        on channel: Channel,
        loop: EventLoop
    ) -> Bool {
        var answering = Answering(entry: entry, request: request, shared: loop.shared)
        if entry.route.access != .anyone, let requestGuard = loop.shared.access.requestGuard {
            switch requestGuard.admit(request, to: entry.route) {
            case .decided(let verdict): answering.verdict = verdict
            case .pending(let find): answering.pending = find
            }
        }
        if let refused = answering.settle(), answering.recorder == nil {
            exchange.principal = answering.request.principal
            loop.shared.render(refused, exchange: exchange, into: &loop.response)
            return true
        }
        exchange.principal = answering.request.principal
        guard case .immediate(let handler) = entry.handler, answering.pending == nil,
            answering.recorder == nil
        else {
            start(answering, exchange, on: channel, loop: loop)
            return false
        }
        do {
            try handler(answering.request, &loop.response)
            answering.watch(&loop.response)
        } catch {
            loop.response.reset()
            loop.shared.render(failure: error, exchange: exchange, into: &loop.response)
        }
        return true
    }

    private func start(
        _ answering: Answering,
        _ exchange: Exchange,
        on channel: Channel,
        loop: EventLoop
    ) {
        let number = suspend(exchange, on: channel, loop: loop)
        let compression = loop.settings.compression
        let reply = Reply(mailbox: loop.mailbox, token: channel.token, number: number)
        task = Task {
            var answering = answering
            var response = await answering.answer()
            Compression.apply(to: &response, head: answering.request.head, settings: compression)
            reply.send(response, to: answering.request.principal)
        }
    }
}

/// Makes a route's answer off the event loop.
private struct Answering: Sendable {
    let entry: Router.Entry
    var request: Request
    let shared: ServerShared
    /// What the guard says; nil where it was not asked, or does not know yet.
    var verdict: AccessVerdict?
    /// Finds out what the guard says.
    var pending: (@Sendable () async -> AccessVerdict)?

    /// Records the request; nil when it changes nothing, or there are no records.
    var recorder: (any ChangeRecorder)? {
        request.head.method.isSafe ? nil : shared.access.recorder
    }

    /// Notes who makes the request; returns why it is refused, if it is.
    mutating func settle() -> HTTPError? {
        switch verdict {
        case .admitted(let principal):
            request.principal = principal
            return nil
        case .refused(let failure, let principal):
            request.principal = principal
            return failure
        case nil: return nil
        }
    }

    mutating func answer() async -> Response {
        if let pending { verdict = await pending() }
        var response = Response()
        if let failure = settle() {
            shared.render(failure: failure, surface: entry.surface, request: request, into: &response)
            await record(response.status.code, isRefused: true)
            return response
        }
        if let obstacle = recorder?.obstacle() {
            shared.render(failure: obstacle, surface: entry.surface, request: request, into: &response)
            return response
        }
        var isGivenUp = false
        do {
            switch entry.handler {
            case .immediate(let handler): try handler(request, &response)
            case .asynchronous(let handler): response = try await handler(request)
            }
            watch(&response)
        } catch {
            isGivenUp = Task.isCancelled
            response = Response()
            shared.render(failure: error, surface: entry.surface, request: request, into: &response)
        }
        await record(isGivenUp ? 499 : response.status.code, isRefused: false)
        return response
    }

    /// Has a stream or a WebSocket end when the caller may not have it any more.
    func watch(_ response: inout Response) {
        switch response.body {
        case .empty, .bytes: return
        case .stream, .webSocket: break
        }
        guard entry.route.access != .anyone,
            let renewal = shared.access.requestGuard?.renewal(of: request, to: entry.route)
        else { return }
        response.end(by: renewal) { [shared, surface = entry.surface, request] failure in
            var answer = Response()
            shared.render(failure: failure, surface: surface, request: request, into: &answer)
            return answer
        }
    }

    private func record(_ status: Int, isRefused: Bool) async {
        await recorder?.record(
            RecordedChange(request: request, route: entry.route, status: status, isRefused: isRefused)
        )
    }
}
