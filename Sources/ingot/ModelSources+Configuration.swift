import ControlPlane
import HTTPClient
import HuggingFace
import IngotConfiguration

extension ModelSources {
    /// The sources that a configuration names.
    ///
    /// - Throws: what ends the program when they cannot be used.
    convenience init(_ configuration: ServeConfiguration, _ http: HTTPClient) throws {
        let settings = configuration.huggingFace
        let hub = try HubAccess(settings, http)
        self.init(
            hub: hub,
            signIn: HubSignIn(
                hub: hub.client,
                clientID: settings.clientID,
                redirects: RedirectRule(origins: settings.redirectOrigins)
            ),
            local: configuration.models.directory.isEmpty
                ? nil : LocalModels(folder: configuration.models.directory)
        )
    }
}

extension HubAccess {
    /// The Hub that a configuration names.
    ///
    /// - Throws: what ends the program when the address is none.
    init(_ settings: ServeConfiguration.HuggingFace, _ http: HTTPClient) throws {
        guard let endpoint = HubEndpoint(settings.endpoint) else {
            throw ExitStatus.configuration.failure(
                "huggingFace.endpoint: \(settings.endpoint) is no base URL"
            )
        }
        var hub = HubConfiguration(endpoint: endpoint)
        hub.deadline = settings.timeout
        // Room for a second attempt, and enough of it for a Hub that is slow just once.
        hub.attempt = settings.timeout / 2
        hub.connect = min(hub.connect, hub.attempt)
        hub.longestPause = min(hub.longestPause, hub.attempt)
        self.init(hub, http: http)
    }
}

extension HTTPClient {
    /// The client for everything outside this process.
    ///
    /// - Throws: what ends the program when there is no descriptor or thread left for it.
    static func forOutsideServices(_ settings: ServeConfiguration.Outbound) throws -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        if !settings.proxy.isEmpty {
            configuration.proxy = .proxied(
                ProxySettings(settings.proxy, exceptions: settings.proxyExceptions, includesLoopback: false)
            )
        }
        do throws(HTTPClientError) {
            return try HTTPClient(configuration: configuration)
        } catch {
            throw ExitStatus.unavailable.failure("cannot start the HTTP client: \(error)")
        }
    }
}
