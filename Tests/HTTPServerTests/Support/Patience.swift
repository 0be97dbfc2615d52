import HTTPServer

/// How long is waited for what is bound to happen. It only turns a hang into a failure: all tests run at the same time, on a
/// machine that may be slow and busy, so it is far longer than any of them takes.
enum Patience {
    static let seconds = 300
}

extension ServerSettings {
    /// One event loop that keeps every connection however slow its client is. A test of a limit sets that one.
    static var patient: ServerSettings {
        var settings = ServerSettings()
        settings.eventLoops = 1
        settings.gracePeriod = .milliseconds(100)
        let patience = Duration.seconds(2 * Patience.seconds)
        settings.limits.headTimeout = patience
        settings.limits.bodyIdleTimeout = patience
        settings.limits.keepAliveTimeout = patience
        settings.limits.writeTimeout = patience
        settings.limits.webSocketPingInterval = patience
        settings.limits.minimumBodyRate = 0
        return settings
    }
}
