import Glibc

/// Which proxy a request goes through.
public enum ProxyPolicy: Sendable, Hashable {
    /// None.
    case direct
    /// As these settings say.
    case proxied(ProxySettings)

    /// As this process's environment says; see `ProxySettings.init(environment:)`.
    public static var environment: ProxyPolicy {
        let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"]
        let pairs = (names + names.map { $0.lowercased() }).compactMap { name in
            getenv(name).map { (name, String(cString: $0)) }
        }
        return .proxied(ProxySettings(environment: Dictionary(pairs) { first, _ in first }))
    }
}

/// Proxies, and what does not go through them.
public struct ProxySettings: Sendable, Hashable {
    /// The proxy's URL for `http` requests; nil for none. Its scheme is `http`, `https`, `socks4`, `socks4a`, `socks5` or
    /// `socks5h`, and without one it is `http`; it may hold a user and a password.
    public var http: String?
    /// The proxy's URL for `https` requests; nil for none.
    public var https: String?
    /// What is asked directly: names, which stand for their subdomains too, addresses and blocks of addresses (CIDR), with
    /// commas between them; `*` for all.
    public var exceptions: String
    /// Whether hosts of this machine (`localhost`, loopback addresses) go through the proxy too.
    public var includesLoopback: Bool
    /// Certificates, in PEM, of the authorities that an `https` proxy's certificate is checked against; nil for the system's.
    public var certificateAuthorities: [UInt8]?

    /// One proxy for everything.
    public init(_ url: String, exceptions: String = "", includesLoopback: Bool = true) {
        http = url
        https = url
        self.exceptions = exceptions
        self.includesLoopback = includesLoopback
    }

    /// The proxies that the environment names: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the same in lower
    /// case, which goes before. Hosts of this machine are asked directly. `HTTP_PROXY` in upper case is not believed in a CGI
    /// program, where a client's `Proxy` field would set it (CVE-2016-5385).
    public init(environment: [String: String]) {
        var believed = environment
        if environment["REQUEST_METHOD"] != nil { believed["HTTP_PROXY"] = nil }
        func value(_ name: String) -> String? {
            [name.lowercased(), name].compactMap { believed[$0] }.first { !$0.isEmpty }
        }
        let all = value("ALL_PROXY")
        http = value("HTTP_PROXY") ?? all
        https = value("HTTPS_PROXY") ?? all
        exceptions = value("NO_PROXY") ?? ""
        includesLoopback = false
    }
}

extension ProxyPolicy {
    /// The proxy that a URL is asked through, with the settings that it belongs to; nil for none. The exceptions are left to
    /// libcurl.
    func proxy(for url: RequestURL) -> (url: String, settings: ProxySettings)? {
        guard case .proxied(let settings) = self, settings.includesLoopback || !url.isLoopback,
            let proxy = url.scheme == "https" ? settings.https : settings.http
        else { return nil }
        return (proxy, settings)
    }
}
