internal import Configuration
internal import JSON
internal import Logging

extension ServeConfiguration {
    /// The configuration that the reader's values make.
    init(_ values: ConfigurationReading) throws(ConfigurationFailure) {
        host = try values.text(.host)
        port = try values.choice(.port, UInt16(exactly: values.number(.port)))
        dataDirectory = try values.text(.dataDirectory)
        log = Log(
            level: try values.choice(.logLevel, Logger.Level(rawValue: values.text(.logLevel))),
            format: try values.choice(.logFormat, Log.Format(rawValue: values.text(.logFormat)))
        )
        auth = try Auth(values)
        audit = try Audit(values)
        cluster = Cluster(
            mode: try values.choice(.clusterMode, Cluster.Mode(rawValue: values.text(.clusterMode))),
            kubeconfig: try values.text(.clusterKubeconfig),
            context: try values.text(.clusterContext),
            namespace: try values.text(.clusterNamespace),
            embedded: Cluster.Embedded(
                port: try values.number(.clusterEmbeddedPort),
                nodes: try values.structure(.clusterEmbeddedNodes, Cluster.SimulatedNode.read),
                pace: try values.choice(
                    .clusterEmbeddedPace,
                    Cluster.Embedded.Pace(rawValue: values.text(.clusterEmbeddedPace))
                ),
                images: try values.structure(.clusterEmbeddedImages, Cluster.Image.read)
            )
        )
        helm = Helm(path: try values.text(.helmPath), timeout: try values.duration(.helmTimeout))
        outbound = Outbound(
            proxy: try values.text(.outboundProxy),
            proxyExceptions: try values.text(.outboundProxyExceptions)
        )
        huggingFace = HuggingFace(
            endpoint: try values.text(.huggingFaceEndpoint),
            timeout: try values.duration(.huggingFaceTimeout),
            clientID: try values.text(.huggingFaceClientID),
            redirectOrigins: try values.list(.huggingFaceRedirectOrigins)
        )
        models = Models(directory: try values.text(.modelsDirectory))
        server = Server(
            eventLoops: try values.number(.eventLoops),
            gracePeriod: try values.duration(.gracePeriod),
            allowedHosts: try values.list(.allowedHosts),
            cors: Server.CORS(
                allowedOrigins: try values.list(.corsAllowedOrigins),
                allowsCredentials: try values.boolean(.corsAllowCredentials),
                maximumAge: try values.duration(.corsMaxAge)
            ),
            limits: try Server.Limits(values),
            compression: Server.Compression(
                minimumSize: try values.number(.compressionMinimumSize),
                level: try values.number(.compressionLevel)
            )
        )
    }
}

extension ServeConfiguration.Server.Limits {
    fileprivate init(_ values: ConfigurationReading) throws(ConfigurationFailure) {
        connections = try values.number(.connections)
        connectionsPerAddress = try values.number(.connectionsPerAddress)
        headSize = try values.number(.headSize)
        targetSize = try values.number(.targetSize)
        fieldCount = try values.number(.fieldCount)
        bodySize = try values.number(.bodySize)
        headTimeout = try values.duration(.headTimeout)
        bodyIdleTimeout = try values.duration(.bodyIdleTimeout)
        keepAliveTimeout = try values.duration(.keepAliveTimeout)
        writeTimeout = try values.duration(.writeTimeout)
        minimumBodyRate = try values.number(.minimumBodyRate)
        requestsPerConnection = try values.number(.requestsPerConnection)
        bufferedMemory = try values.number(.bufferedMemory)
        webSocketMessageSize = try values.number(.webSocketMessageSize)
        webSocketPingInterval = try values.duration(.webSocketPingInterval)
    }
}

/// Reads values by the entries of the table of keys.
struct ConfigurationReading {
    let reader: ConfigReader

    func text(_ key: ConfigurationKey) throws(ConfigurationFailure) -> String {
        try read(key) { try reader.requiredString(forKey: $0) }
    }

    func number(_ key: ConfigurationKey) throws(ConfigurationFailure) -> Int {
        try read(key) { try reader.requiredInt(forKey: $0) }
    }

    func boolean(_ key: ConfigurationKey) throws(ConfigurationFailure) -> Bool {
        try read(key) { try reader.requiredBool(forKey: $0) }
    }

    func list(_ key: ConfigurationKey) throws(ConfigurationFailure) -> [String] {
        try read(key) { try reader.requiredStringArray(forKey: $0) }
    }

    /// The value that `read` makes of the JSON text, which the key's kind has already made sure that it can.
    func structure<Value>(
        _ key: ConfigurationKey,
        _ read: (JSONValue, _ expectation: String) throws(ValueRefusal) -> Value
    ) throws(ConfigurationFailure) -> Value {
        let text = try text(key)
        do {
            return try read(JSONValue(parsing: text), key.kind.expectation)
        } catch {
            throw Self.failure(key, "expected \(key.kind.expectation)")
        }
    }

    func duration(_ key: ConfigurationKey) throws(ConfigurationFailure) -> Duration {
        .milliseconds(try number(key))
    }

    /// The value in a narrower type, which the key's kind has already made sure that it fits.
    func choice<Value>(
        _ key: ConfigurationKey,
        _ value: @autoclosure () throws(ConfigurationFailure) -> Value?
    ) throws(ConfigurationFailure) -> Value {
        guard let value = try value() else { throw Self.failure(key, "expected \(key.kind.expectation)") }
        return value
    }

    private func read<Value>(
        _ key: ConfigurationKey,
        _ value: (ConfigKey) throws -> Value
    ) throws(ConfigurationFailure) -> Value {
        do {
            return try value(ConfigKey(key.path))
        } catch {
            throw Self.failure(key, "\(error)")
        }
    }

    private static func failure(_ key: ConfigurationKey, _ message: String) -> ConfigurationFailure {
        ConfigurationFailure(problems: [
            ConfigurationProblem(source: .standard, key: key.path, message: message)
        ])
    }
}
