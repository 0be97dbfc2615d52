/// What bounds the use of the server by its clients. All of it may change while the server runs.
public struct ServerLimits: Sendable, Equatable {
    /// Connections open at once.
    public var connections = 20_000
    /// Connections open at once from one address.
    public var connectionsPerAddress = 10_000
    /// Bytes of a request head.
    public var headSize = 32 * 1024
    /// Bytes of a request target.
    public var targetSize = 8 * 1024
    /// Header fields of a request; at most 250.
    public var fieldCount = 100
    /// Bytes of a request body, for routes that set no limit of their own.
    public var bodySize = 4 * 1024 * 1024
    /// How long a request head may take from its first byte, and how long a new connection may stay silent.
    public var headTimeout: Duration = .seconds(10)
    /// How long a request body may pause.
    public var bodyIdleTimeout: Duration = .seconds(30)
    /// How long a connection may wait for its next request.
    public var keepAliveTimeout: Duration = .seconds(75)
    /// How long a client may refuse to take any byte of an answer.
    public var writeTimeout: Duration = .seconds(30)
    /// Bytes a second that a request body must reach on average, once it has taken 5 seconds; 0 for no minimum.
    public var minimumBodyRate = 240
    /// Requests answered on one connection before it is closed; 0 for no limit.
    public var requestsPerConnection = 100_000
    /// Bytes of requests and answers held in memory for all connections together.
    public var bufferedMemory = 256 * 1024 * 1024
    /// Bytes of one WebSocket message.
    public var webSocketMessageSize = 1024 * 1024
    /// How often a silent WebSocket peer is asked for a sign of life, and how long it has to give one.
    public var webSocketPingInterval: Duration = .seconds(30)

    /// The defaults.
    public init() {}
}

/// Cross-origin resource sharing, WHATWG Fetch §3.2.
public struct CORSSettings: Sendable, Equatable {
    /// The origins whose pages may read answers; `*` for all. Empty: those on loopback addresses.
    public var allowedOrigins: [String] = []
    /// Whether such pages may send cookies and other credentials.
    public var allowsCredentials = false
    /// How long a browser may remember a preflight's answer.
    public var maximumAge: Duration = .seconds(600)

    /// The defaults.
    public init() {}
}

/// When answers are compressed.
public struct CompressionSettings: Sendable, Equatable {
    /// Bytes from which a body is compressed for a client that asks for gzip.
    public var minimumSize = 1024
    /// zlib's level, 1 to 9; 0 turns compression off.
    public var level = 6

    /// The defaults.
    public init() {}
}

/// How a server behaves.
public struct ServerSettings: Sendable, Equatable {
    /// What bounds its use.
    public var limits = ServerLimits()
    /// Which pages of other origins may use it.
    public var cors = CORSSettings()
    /// When it compresses.
    public var compression = CompressionSettings()
    /// Names, beside addresses and `localhost`, that Host may carry; `*` for all. In lower case.
    public var allowedHosts: [String] = []
    /// How long a stop waits for requests in progress.
    public var gracePeriod: Duration = .seconds(10)
    /// Event loops; 0 for one per core.
    public var eventLoops = 0
    /// Whether to poll with Dispatch sources where there is something faster.
    public var usesDispatchPoller = false

    /// The defaults.
    public init() {}
}

extension Duration {
    /// The duration in nanoseconds, 0 at least.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, carry) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return carry ? .max : sum
    }
}
