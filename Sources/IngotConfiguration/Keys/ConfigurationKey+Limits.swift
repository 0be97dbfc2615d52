extension ConfigurationKey {
    static let connections = count(
        "connections",
        1...1_000_000,
        default: 20_000,
        "Connections open at once"
    )
    static let connectionsPerAddress = count(
        "connectionsPerAddress",
        1...1_000_000,
        default: 10_000,
        "Connections open at once from one address"
    )
    static let headSize = size(
        "headSize",
        (1 << 10)...(1 << 20),
        default: 32 << 10,
        "Size of a request's head"
    )
    static let targetSize = size(
        "targetSize",
        128...(1 << 18),
        default: 8 << 10,
        "Size of a request's target: path and query"
    )
    static let fieldCount = count(
        "fieldCount",
        1...250,
        default: 100,
        "Header fields of a request"
    )
    static let bodySize = size(
        "bodySize",
        (1 << 10)...(1 << 30),
        default: 4 << 20,
        "Size of a request's body where the route sets no limit of its own"
    )
    static let headTimeout = timeout(
        "headTimeout",
        default: 10_000,
        "How long a request's head may take, and a new connection may stay silent"
    )
    static let bodyIdleTimeout = timeout(
        "bodyIdleTimeout",
        default: 30_000,
        "How long a request's body may pause"
    )
    static let keepAliveTimeout = timeout(
        "keepAliveTimeout",
        default: 75_000,
        "How long a connection may wait for its next request"
    )
    static let writeTimeout = timeout(
        "writeTimeout",
        default: 30_000,
        "How long a client may take no byte of an answer"
    )
    static let minimumBodyRate = count(
        "minimumBodyRate",
        0...1_000_000_000,
        default: 240,
        "Bytes a second that a request's body must reach on average; 0 for no minimum"
    )
    static let requestsPerConnection = count(
        "requestsPerConnection",
        0...1_000_000_000,
        default: 100_000,
        "Requests answered on one connection before it is closed; 0 for no limit"
    )
    static let bufferedMemory = size(
        "bufferedMemory",
        (1 << 20)...(1 << 38),
        default: 256 << 20,
        "Memory for the requests and answers of all connections together"
    )
    static let webSocketMessageSize = size(
        "webSocketMessageSize",
        (1 << 10)...(1 << 30),
        default: 1 << 20,
        "Size of one WebSocket message"
    )
    static let webSocketPingInterval = timeout(
        "webSocketPingInterval",
        default: 30_000,
        "How often a silent WebSocket peer is asked for a sign of life, and how long it has to give one"
    )

    /// The keys of `server.limits`, all of which can change while the server runs.
    static let limits: [ConfigurationKey] = [
        connections, connectionsPerAddress, headSize, targetSize, fieldCount, bodySize, headTimeout,
        bodyIdleTimeout,
        keepAliveTimeout, writeTimeout, minimumBodyRate, requestsPerConnection, bufferedMemory,
        webSocketMessageSize, webSocketPingInterval,
    ]

    private static func count(
        _ name: String,
        _ range: ClosedRange<Int>,
        default number: Int,
        _ summary: String
    ) -> ConfigurationKey {
        limit(name, .integer(range), default: .integer(number), summary)
    }

    private static func size(
        _ name: String,
        _ range: ClosedRange<Int>,
        default bytes: Int,
        _ summary: String
    ) -> ConfigurationKey {
        limit(name, .size(range), default: .size(bytes), summary)
    }

    private static func timeout(
        _ name: String,
        default milliseconds: Int,
        _ summary: String
    ) -> ConfigurationKey {
        limit(
            name,
            .duration(milliseconds: 100...3_600_000),
            default: .duration(milliseconds: milliseconds),
            summary
        )
    }

    private static func limit(
        _ name: String,
        _ kind: ConfigurationKind,
        default value: ConfigurationValue,
        _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey("server.limits." + name, kind, default: value, isLive: true, summary)
    }
}
