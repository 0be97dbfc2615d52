/// Which proxy a request goes through.
public enum ProxyPolicy: Sendable, Hashable {
    /// None.
    case direct
    /// As these settings say.
    case proxied(ProxySettings)
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
        func value(_ name: String) -> String? {
            let value = environment[name.lowercased()] ?? environment[name]
            return value.flatMap { $0.isEmpty ? nil : $0 }
        }
        let isCGI = environment["REQUEST_METHOD"] != nil
        let all = value("ALL_PROXY")
        http =
            (isCGI ? environment["http_proxy"].flatMap { $0.isEmpty ? nil : $0 } : value("HTTP_PROXY")) ?? all
        https = value("HTTPS_PROXY") ?? all
        exceptions = value("NO_PROXY") ?? ""
        includesLoopback = false
    }
}
