/// Cross-origin rules: which pages may read answers (CORS, WHATWG Fetch §3.2) and which may cause changes.
enum CrossOrigin {
    /// Appends the fields that let the page at `origin` read the answer, if it may.
    static func appendFields(
        _ head: RequestHead,
        _ origin: ByteRange,
        cors: CORSSettings,
        to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: "Vary: Origin\r\n".utf8)
        let text = head.text(origin)
        guard isAllowed(text, cors) else { return }
        let allowsAll = cors.allowedOrigins.contains("*") && !cors.allowsCredentials
        bytes.append(contentsOf: "Access-Control-Allow-Origin: ".utf8)
        bytes.append(contentsOf: (allowsAll ? "*" : text).utf8)
        bytes.append(
            contentsOf: "\r\nAccess-Control-Expose-Headers: ETag, Retry-After, X-Request-Id\r\n".utf8
        )
        if cors.allowsCredentials {
            bytes.append(contentsOf: "Access-Control-Allow-Credentials: true\r\n".utf8)
        }
    }

    /// Whether a page at `origin` may send requests that change something. A page of another site that may not is stopped
    /// here, because a browser sends some such requests without asking first.
    static func mayChangeState(_ head: RequestHead, _ origin: ByteRange, cors: CORSSettings) -> Bool {
        let text = head.text(origin)
        if isAllowed(text, cors) { return true }
        // A page that this server itself gave out: its origin's authority is what the request calls the server.
        guard let host = head.range(of: .host) else { return false }
        let name = head.text(host).lowercased()
        return text.lowercased() == "http://" + name || text.lowercased() == "https://" + name
    }

    /// Whether pages at `origin` may read answers.
    static func isAllowed(_ origin: String, _ cors: CORSSettings) -> Bool {
        if cors.allowedOrigins.isEmpty { return isLoopback(origin) }
        return cors.allowedOrigins.contains { $0 == "*" || $0 == origin }
    }

    /// `http://localhost:5173` and its like: an origin on this very machine.
    private static func isLoopback(_ origin: String) -> Bool {
        guard let schemeEnd = ["http://", "https://"].first(where: { origin.hasPrefix($0) }) else {
            return false
        }
        let authority = Array(origin.utf8.dropFirst(schemeEnd.utf8.count))
        guard let host = HostAndPort(authority.span, ByteRange(0, authority.count)) else { return false }
        let name = String(decoding: authority[host.host.bounds], as: UTF8.self)
        if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
        return host.isAddress && SocketAddress(host: name, port: 0)?.isLoopback == true
    }
}
