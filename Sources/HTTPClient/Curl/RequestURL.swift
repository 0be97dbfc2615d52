import CCurl

/// A URL that a request may have, taken apart by libcurl.
struct RequestURL: Sendable {
    /// The whole URL, normalised.
    var text: String
    var scheme: String
    /// The host; an IPv6 address is in brackets.
    var host: String
    var port: Int
    /// What an error must not show: the user, the password, the query.
    var secrets: [String]

    /// Scheme, host and port.
    var origin: String { "\(scheme)://\(host.lowercased()):\(port)" }
    /// Host and port, as errors and metrics name the server.
    var authority: String { "\(host):\(port)" }
    /// The host without brackets.
    var bareHost: String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// Whether the host is this machine by its name or address.
    var isLoopback: Bool {
        let host = bareHost.lowercased()
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host.hasPrefix("127.")
    }

    /// The value of a `Host` field for this URL, RFC 9110 §7.2.
    var hostField: String {
        port == (scheme == "https" ? 443 : 80) ? host : authority
    }

    /// Takes an absolute URL apart.
    ///
    /// - Throws: `HTTPClientError` of the kind `invalidRequest`; it shows nothing of the URL.
    init(_ url: String) throws(HTTPClientError) {
        let parts = try URLParts()
        try parts.set(CURLUPART_URL, url)
        try self.init(parts)
    }

    /// The URL that a `Location` in the answer for this one leads to, RFC 9110 §10.2.2.
    func following(_ location: String) throws(HTTPClientError) -> RequestURL {
        let parts = try URLParts()
        try parts.set(CURLUPART_URL, text)
        try parts.set(CURLUPART_URL, location)
        return try RequestURL(parts)
    }

    /// The same URL at another host.
    func with(host: String) throws(HTTPClientError) -> RequestURL {
        let parts = try URLParts()
        try parts.set(CURLUPART_URL, text)
        try parts.set(CURLUPART_HOST, host)
        return try RequestURL(parts)
    }

    private init(_ parts: borrowing URLParts) throws(HTTPClientError) {
        guard let scheme = parts.get(CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
            throw HTTPClientError(
                .invalidRequest,
                host: "",
                reason: "the URL's scheme is neither http nor https"
            )
        }
        guard let host = parts.get(CURLUPART_HOST), !host.isEmpty, let text = parts.get(CURLUPART_URL),
            let port = parts.get(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
        else { throw HTTPClientError(.invalidRequest, host: "", reason: "the URL has no host") }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.text = text
        secrets = [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY].compactMap { parts.get($0) }
            .filter { !$0.isEmpty }
    }
}

/// libcurl's parser of URLs.
struct URLParts: ~Copyable {
    private let handle: OpaquePointer

    init() throws(HTTPClientError) {
        guard let handle = curl_url() else {
            throw HTTPClientError(.invalidRequest, host: "", reason: "out of memory")
        }
        self.handle = handle
    }

    deinit {
        curl_url_cleanup(handle)
    }

    borrowing func set(_ part: CURLUPart, _ value: String, flags: UInt32 = 0) throws(HTTPClientError) {
        let code = value.utf8.contains(0) ? CURLUE_MALFORMED_INPUT : curl_url_set(handle, part, value, flags)
        guard code == CURLUE_OK else {
            let reason = curl_url_strerror(code).map { String(cString: $0) } ?? "malformed"
            throw HTTPClientError(.invalidRequest, host: "", reason: "the URL cannot be used: \(reason)")
        }
    }

    borrowing func get(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
