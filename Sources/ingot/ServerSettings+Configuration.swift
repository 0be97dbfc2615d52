import HTTPServer
import IngotConfiguration

extension ServerSettings {
    /// The settings that a configuration asks for.
    init(_ server: ServeConfiguration.Server) {
        self.init()
        eventLoops = server.eventLoops
        gracePeriod = server.gracePeriod
        allowedHosts = server.allowedHosts
        cors.allowedOrigins = server.cors.allowedOrigins
        cors.allowsCredentials = server.cors.allowsCredentials
        cors.maximumAge = server.cors.maximumAge
        compression.minimumSize = server.compression.minimumSize
        compression.level = server.compression.level
        limits = ServerLimits(server.limits)
    }
}

extension ServerLimits {
    fileprivate init(_ limits: ServeConfiguration.Server.Limits) {
        self.init()
        connections = limits.connections
        connectionsPerAddress = limits.connectionsPerAddress
        headSize = limits.headSize
        targetSize = limits.targetSize
        fieldCount = limits.fieldCount
        bodySize = limits.bodySize
        headTimeout = limits.headTimeout
        bodyIdleTimeout = limits.bodyIdleTimeout
        keepAliveTimeout = limits.keepAliveTimeout
        writeTimeout = limits.writeTimeout
        minimumBodyRate = limits.minimumBodyRate
        requestsPerConnection = limits.requestsPerConnection
        bufferedMemory = limits.bufferedMemory
        webSocketMessageSize = limits.webSocketMessageSize
        webSocketPingInterval = limits.webSocketPingInterval
    }
}
