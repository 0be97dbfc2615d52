import HTTPTypes

/// How it is asked, while an answer without an end of its own is being sent, whether its caller may go on to have it.
public struct AccessRenewal: Sendable {
    /// The time from one question to the next.
    public let interval: Duration
    /// For how long after the last yes the answer goes on while nobody can say.
    public let patience: Duration
    /// Whether the caller still may. A refusal with status 503 says that it cannot be found out just now.
    public let ask: @Sendable () async -> AccessVerdict

    /// A renewal.
    public init(
        interval: Duration,
        patience: Duration = .seconds(60),
        ask: @escaping @Sendable () async -> AccessVerdict
    ) {
        self.interval = interval
        self.patience = patience
        self.ask = ask
    }

    /// Asks again and again, and returns why the caller may not go on, once that is so.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    func refusal() async throws -> HTTPError {
        var confirmed = ContinuousClock.now
        while true {
            // Not all at once that have begun at once.
            try await Task.sleep(for: interval * Double.random(in: 0.8...1))
            guard case .refused(let failure, _) = try await verdict() else {
                confirmed = .now
                continue
            }
            if failure.status != .serviceUnavailable || confirmed + patience <= .now { return failure }
        }
    }

    /// The answer to one question. An answer that has ended does not wait for it.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    private func verdict() async throws -> AccessVerdict {
        let (verdicts, continuation) = AsyncStream<AccessVerdict>.makeStream()
        Task {
            continuation.yield(await ask())
            continuation.finish()
        }
        for await verdict in verdicts { return verdict }
        throw CancellationError()
    }
}

extension Response {
    /// Has a stream or a WebSocket end when its caller may not have it any more: a stream of server-sent events with an event
    /// `error`, another stream in the middle, so that it is not taken for whole, and a WebSocket with code 1008.
    ///
    /// - Parameter render: an error as the surface tells of it.
    mutating func end(by renewal: AccessRenewal, render: @escaping @Sendable (HTTPError) -> Response) {
        switch body {
        case .empty, .bytes: return
        case .stream(let stream):
            let hasEvents = contentType?.value.hasPrefix("text/event-stream") == true
            body = .stream(stream.ending(by: renewal, render: hasEvents ? render : nil))
        case .webSocket(let upgrade): body = .webSocket(upgrade.ending(by: renewal))
        }
    }
}

extension ResponseStream {
    private enum End: Sendable {
        case whole([HTTPField])
        case refused(HTTPError)
    }

    /// - Parameter render: an error as the surface tells of it; nil for a stream that cannot tell of one.
    fileprivate func ending(
        by renewal: AccessRenewal,
        render: (@Sendable (HTTPError) -> Response)?
    ) -> ResponseStream {
        var stream = self
        stream.produce = { [produce] writer in
            let end = try await withThrowingTaskGroup(of: End.self) { group in
                group.addTask { .whole(try await produce(writer)) }
                group.addTask { .refused(try await renewal.refusal()) }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
            switch end {
            case .whole(let trailers): return trailers
            case .refused(let failure):
                // Behind half an event another one would be taken for its rest.
                guard let render, writer.isBetweenEvents else { throw ResponseBodyWriter.Closed() }
                var body = render(failure)
                var bytes: [UInt8] = []
                ServerSentEvent(event: "error", data: String(decoding: body.takeBytes(), as: UTF8.self))
                    .append(to: &bytes)
                try await writer.write(bytes)
                return []
            }
        }
        return stream
    }
}

extension WebSocketUpgrade {
    fileprivate func ending(by renewal: AccessRenewal) -> WebSocketUpgrade {
        var upgrade = self
        upgrade.handler = { [handler] socket in
            let refusal = try await withThrowingTaskGroup(of: HTTPError?.self) { group in
                group.addTask {
                    try await handler(socket)
                    return nil
                }
                group.addTask { try await renewal.refusal() }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            if let refusal { socket.close(.policyViolation, reason: refusal.code) }
        }
        return upgrade
    }
}
