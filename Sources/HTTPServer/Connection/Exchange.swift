/// One request on its way to its answer.
struct Exchange {
    /// What comes of the request once its body is in.
    enum Outcome {
        /// The route answers.
        case route(Router.Entry, PathParameters)
        /// The server answers by itself; the body is read and dropped, to keep the connection usable.
        case failure(HTTPError)
        /// `OPTIONS`, answered from the route table.
        case options(allow: String)
    }

    var head: RequestHead
    var remote: SocketAddress
    var identity: RequestID
    var outcome: Outcome
    /// The surface whose error shape applies.
    var surface: Int
    /// The route for metrics and log, or nil when none matched.
    var route: Router.Entry?
    /// Monotonic nanoseconds when the head was complete.
    var started: UInt64
    var mustClose: Bool
    var body: [UInt8] = []
    /// Who makes the request, once that is known.
    var principal: Principal?
    /// Counted as in flight, because its answer is made off the loop.
    var isInFlight = false
    private var remaining = 0
    private var decoder = ChunkedDecoder()
    private var bodyLimit = 0
    private var bodyStarted: UInt64 = 0
    private var received = 0

    init(
        head: RequestHead,
        remote: SocketAddress,
        identity: RequestID,
        outcome: Outcome,
        surface: Int,
        route: Router.Entry?,
        started: UInt64,
        mustClose: Bool
    ) {
        self.head = head
        self.remote = remote
        self.identity = identity
        self.outcome = outcome
        self.surface = surface
        self.route = route
        self.started = started
        self.mustClose = mustClose
    }

    /// The most that is read and dropped of a body nobody wants; above it, closing the connection is cheaper.
    static let dropLimit = 64 * 1024

    mutating func startBody(limit: Int, now: UInt64) {
        bodyLimit = limit
        bodyStarted = now
        if case .length(let length) = head.framing { remaining = length }
    }

    /// Whether the body is taken in only to be dropped.
    private var dropsBody: Bool {
        if case .route = outcome { false } else { true }
    }

    mutating func takeBody(
        _ bytes: Span<UInt8>,
        from start: Int,
        now: UInt64,
        limits: ServerLimits
    ) -> ChunkedDecoder.Outcome {
        received += bytes.count - start
        let outcome: ChunkedDecoder.Outcome
        if head.framing == .chunked {
            outcome = decoder.decode(bytes, from: start, limit: bodyLimit, into: &body)
        } else {
            let count = min(remaining, bytes.count - start)
            if !dropsBody { body.append(contentsOf: bytes, from: start, count: count) }
            remaining -= count
            outcome = remaining == 0 ? .complete(start + count) : .incomplete
        }
        if dropsBody { body.removeAll(keepingCapacity: true) }
        if outcome == .incomplete, isTooSlow(now, limits.minimumBodyRate) { return .refused(.bodyTooSlow) }
        return outcome
    }

    /// Judged after 5 seconds, so that a slow start is no crime.
    private func isTooSlow(_ now: UInt64, _ minimum: Int) -> Bool {
        let elapsed = now &- bodyStarted
        guard minimum > 0, elapsed > 5_000_000_000 else { return false }
        return Double(received) < Double(minimum) * Double(elapsed) / 1e9
    }
}
