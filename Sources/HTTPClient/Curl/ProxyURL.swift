import CCurl

/// The URL of a proxy. libcurl would show it whole, password included, in what it says of one that it cannot use.
enum ProxyURL {
    private static let schemes: Set<String> = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// Refuses a proxy that cannot be used.
    ///
    /// - Throws: `HTTPClientError` of the kind `invalidRequest`; it shows nothing of the proxy's URL.
    static func check(_ policy: ProxyPolicy, for url: RequestURL) throws(HTTPClientError) {
        guard let (proxy, _) = policy.proxy(for: url) else { return }
        let refusal = HTTPClientError(
            .invalidRequest,
            host: url.authority,
            reason: "the proxy's URL cannot be used"
        )
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        do throws(HTTPClientError) {
            let parts = try URLParts()
            try parts.set(CURLUPART_URL, proxy.contains("://") ? proxy : "http://\(proxy)", flags: flags)
            guard let scheme = parts.get(CURLUPART_SCHEME), schemes.contains(scheme),
                let host = parts.get(CURLUPART_HOST), !host.isEmpty
            else { throw refusal }
        } catch {
            throw refusal
        }
    }
}
