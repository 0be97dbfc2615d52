public import Metrics

/// What holds for all requests of a client.
public struct HTTPClientConfiguration: Sendable {
    /// The proxy of requests that name none.
    public var proxy = ProxyPolicy.environment
    /// The `User-Agent` field of requests that have none.
    public var userAgent = "ingot"
    /// Connections that are kept open for later requests.
    public var idleConnections = 1024
    /// What waits between the attempts of a request.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// Makes the random numbers of the waiting times.
    public var makeGenerator: @Sendable () -> any RandomNumberGenerator = { SystemRandomNumberGenerator() }
    /// Where metrics go; nil for the process's metrics system.
    public var metrics: (any MetricsFactory)?

    /// The defaults.
    public init() {}
}
