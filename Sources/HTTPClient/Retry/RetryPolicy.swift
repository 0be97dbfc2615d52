import HTTPTypes

/// Which requests are sent again when they fail, how often and when.
///
/// A request is sent again only when doing so is harmless: its method is idempotent (RFC 9110 §9.2.2) and its body can be sent
/// twice.
public struct RetryPolicy: Sendable, Hashable {
    /// The most times that a request is sent, 1 at least.
    public var attempts = 4
    /// The wait before the second attempt is random between 0 and this; the bound doubles each time ("full jitter": Brooker,
    /// "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    public var firstDelay: Duration = .milliseconds(200)
    /// What the bound does not grow beyond.
    public var maximumDelay: Duration = .seconds(10)
    /// The longest `Retry-After` that is waited for. An answer that asks for more is the answer.
    public var maximumRetryAfter: Duration = .seconds(60)
    /// Whether requests that are not idempotent, as POST and PATCH, are sent again too.
    public var includesUnsafeMethods = false
    /// The statuses after which a request is sent again.
    public var statuses: Set<Int> = [429, 502, 503, 504]

    /// The defaults.
    public init() {}

    /// No second attempt.
    public static var never: RetryPolicy {
        var policy = RetryPolicy()
        policy.attempts = 1
        return policy
    }

    /// The waits between the attempts, one fewer than there are attempts.
    public func delays<Generator: RandomNumberGenerator>(using generator: Generator) -> RetryDelays<Generator>
    {
        RetryDelays(policy: self, generator: generator)
    }

    /// Whether such a request may be sent twice.
    public func allows(_ request: HTTPClientRequest) -> Bool {
        if case .stream = request.body { return false }
        let idempotent: [HTTPRequest.Method] = [.get, .head, .put, .delete, .options, .trace]
        return includesUnsafeMethods || idempotent.contains(request.method)
    }

    /// Whether a request that failed so may succeed when it is sent again.
    public func retries(_ error: HTTPClientError) -> Bool {
        switch error.kind {
        case .resolve, .connect, .timeout, .cutOff: true
        case .tls, .tooLarge, .protocolViolation, .cancelled, .invalidRequest, .requestBody: false
        }
    }
}

/// The waits between the attempts of a request.
public struct RetryDelays<Generator: RandomNumberGenerator>: Sequence, IteratorProtocol {
    private var generator: Generator
    private var remaining: Int
    private var bound: Duration
    private let maximum: Duration

    fileprivate init(policy: RetryPolicy, generator: Generator) {
        self.generator = generator
        remaining = Swift.max(0, policy.attempts - 1)
        maximum = Swift.max(.zero, policy.maximumDelay)
        bound = Swift.max(.zero, Swift.min(policy.firstDelay, maximum))
    }

    /// The next wait; nil when there is no attempt left.
    public mutating func next() -> Duration? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        // The generator's number, scaled to 0...bound: any number leads to a delay, so that none has to be drawn again.
        let nanoseconds = (bound.boundedNanoseconds + 1).multipliedFullWidth(by: generator.next()).high
        bound = bound < maximum / 2 ? bound * 2 : maximum
        return .nanoseconds(Int64(clamping: nanoseconds))
    }
}
