/// Where the Hub may send people back to after they have signed in.
public struct RedirectRule: Sendable, Hashable {
    /// Origins beside those on loopback addresses, as browsers write them; `*` for all.
    public let origins: [String]

    /// A rule.
    public init(origins: [String] = []) {
        self.origins = origins
    }

    /// Whether people may be sent there: an absolute `http` or `https` URL without user and fragment (RFC 6749 §3.1.2) on a
    /// loopback address (RFC 8252 §7.3), or at one of the origins.
    public func allows(_ url: String) -> Bool {
        guard (1...2048).contains(url.utf8.count), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !url.utf8.contains(where: { #"#\"<>^`{|}"#.utf8.contains($0) })
        else { return false }
        let scheme: String
        if url.hasPrefix("http://") {
            scheme = "http://"
        } else if url.hasPrefix("https://") {
            scheme = "https://"
        } else {
            return false
        }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }.lowercased()
        guard !authority.isEmpty, !authority.contains("@"), let (host, port) = Self.hostAndPort(authority)
        else { return false }
        if Self.isLoopback(host) { return true }
        let ownPort = scheme == "http://" ? "80" : "443"
        let origin = scheme + host + (port.isEmpty || port == ownPort ? "" : ":\(port)")
        return origins.contains("*") || origins.contains(origin)
    }

    private static func hostAndPort(_ authority: String) -> (host: String, port: String)? {
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        let rest = authority.dropFirst(host.count)
        guard !host.isEmpty else { return nil }
        if rest.isEmpty { return (String(host), "") }
        let port = rest.dropFirst()
        guard rest.first == ":", let number = UInt16(port), "\(number)" == port else { return nil }
        return (String(host), String(port))
    }

    /// `localhost`, 127.0.0.0/8 or `::1`.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { "\(UInt8($0) ?? 0)" == $0 }
    }
}
