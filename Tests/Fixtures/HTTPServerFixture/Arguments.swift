import HTTPServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the command line asks for; anything else ends the process.
struct Arguments {
    var settings = ServerSettings()
    var tlsFolder: String?
    var clientCertificates = FixtureCertificates.Clients.ignored

    init(_ arguments: ArraySlice<String>) {
        settings.limits.webSocketMessageSize = 2 << 20
        // No client is to be given up for being on a slow machine.
        settings.limits.headTimeout = .seconds(3600)
        settings.limits.bodyIdleTimeout = .seconds(3600)
        settings.limits.keepAliveTimeout = .seconds(3600)
        settings.limits.writeTimeout = .seconds(3600)
        settings.limits.webSocketPingInterval = .seconds(3600)
        settings.limits.minimumBodyRate = 0
        settings.gracePeriod = .seconds(120)
        var rest = arguments
        while let argument = rest.popFirst() {
            switch argument {
            case "--dispatch-poller": settings.usesDispatchPoller = true
            case "--event-loops": settings.eventLoops = rest.popFirst().flatMap(Int.init) ?? 0
            case "--max-connections":
                settings.limits.connections = rest.popFirst().flatMap(Int.init) ?? settings.limits.connections
            case "--tls": tlsFolder = rest.popFirst()
            case "--client-certificates":
                clientCertificates =
                    rest.popFirst().flatMap(FixtureCertificates.Clients.init) ?? clientCertificates
            default:
                var line = "unknown argument \(argument)\n"
                line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
                exit(64)
            }
        }
    }
}
