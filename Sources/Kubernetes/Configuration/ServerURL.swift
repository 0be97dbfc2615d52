/// The URL of an API server.
enum ServerURL {
    /// What is wrong with the URL; nil when nothing is.
    static func problem(_ url: String) -> String? {
        guard let rest = ["https://", "http://"].lazy.compactMap({ dropping($0, of: url) }).first else {
            return "the URL must begin with https:// or http://"
        }
        let authority = rest.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        if authority.isEmpty { return "the URL names no host" }
        if authority.contains(0x40) { return "the URL must not hold a user or a password" }
        if rest.contains(0x3F) || rest.contains(0x23) { return "the URL must not have a query or a fragment" }
        if !rest.allSatisfy({ (0x21..<0x7F).contains($0) }) {
            return "the URL has characters that must be percent-encoded"
        }
        return nil
    }

    static func dropping(_ scheme: String, of url: String) -> ArraySlice<UInt8>? {
        let bytes = Array(url.utf8)
        let start = bytes.prefix(scheme.utf8.count).map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        return start == Array(scheme.utf8) ? bytes[scheme.utf8.count...] : nil
    }

    /// The URL without slashes at its end.
    static func normalized(_ url: String) -> String {
        var url = url
        while url.utf8.last == 0x2F { url.removeLast() }
        return url
    }
}

/// The URL of a proxy in a kubeconfig.
enum ProxyURL {
    /// What is wrong with the URL; nil when nothing is.
    static func problem(_ url: String) -> String? {
        for scheme in ["http://", "https://", "socks5://", "socks5h://"] {
            guard let rest = ServerURL.dropping(scheme, of: url) else { continue }
            return rest.isEmpty || rest.first == 0x2F ? "the URL names no host" : nil
        }
        return "the URL must begin with http://, https://, socks5:// or socks5h://"
    }
}
