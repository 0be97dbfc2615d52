#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What addresses, host names and origins look like.
enum NetworkName {
    /// Whether the text is an IPv4 or IPv6 address without brackets, or `localhost`.
    static func isAddress(_ text: String) -> Bool {
        var four = in_addr()
        return text == "localhost" || (!text.utf8.contains(0) && inet_pton(AF_INET, text, &four) == 1)
            || isVersion6Address(text)
    }

    /// The C function reads up to a NUL and would accept whatever follows it.
    private static func isVersion6Address(_ text: String) -> Bool {
        var six = in6_addr()
        return !text.utf8.contains(0) && inet_pton(AF_INET6, text, &six) == 1
    }

    /// Whether the text is an address that only this machine can reach: `localhost`, 127.0.0.0/8 (RFC 1122 §3.2.1.3),
    /// `::1` (RFC 4291 §2.5.3), or the former mapped into IPv6.
    static func isLoopback(_ text: String) -> Bool {
        if text == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return false }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127]
        return bytes == Array(repeating: 0, count: 15) + [1] || bytes.starts(with: mapped)
    }

    /// Whether the text is a host name in lower case (RFC 1123 §2.1: labels of letters, digits and inner hyphens, at
    /// most 63 bytes each and 253 together), which includes IPv4 addresses; underscores are let through, since names
    /// with them are in use. Or `*`.
    static func isHostName(_ text: String) -> Bool {
        if text == "*" { return true }
        guard (1...253).contains(text.utf8.count) else { return false }
        let hyphen = UInt8(ascii: "-")
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            label in
            (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && label.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen,
                        UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    /// Whether the text is a DNS label in lower case (RFC 1123 §2.1), as names of Kubernetes namespaces are.
    static func isLabel(_ text: String) -> Bool {
        text != "*" && text.utf8.count <= 63 && !text.contains(".") && !text.contains("_") && isHostName(text)
    }

    /// Whether the text is an origin as browsers write it (RFC 6454 §6.1): `http://` or `https://`, a host in lower
    /// case and a port unless it is the scheme's own; no path. Or `*`.
    static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        for (scheme, ownPort) in [("http://", 80), ("https://", 443)] where text.hasPrefix(scheme) {
            guard let (host, port) = hostAndPort(text.dropFirst(scheme.count)), host == host.lowercased()
            else {
                return false
            }
            return port != ownPort
        }
        return false
    }

    /// Whether the text is an absolute URL with the scheme `http` or `https` (RFC 3986 §3) and without user, query and fragment.
    static func isBaseURL(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }),
            text.utf8.count <= 2048
        else {
            return false
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let allowed = "/-._~!$&'()*+,;=:%"
        let isPath = rest.dropFirst(authority.count).allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || allowed.contains($0))
        }
        return isPath && hostAndPort(authority) != nil
    }

    /// The parts of a host with a port or without one (RFC 3986 §3.2); nil when it is something else. An IPv6 address has its
    /// brackets still.
    private static func hostAndPort(_ authority: Substring) -> (host: Substring, port: Int?)? {
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
            guard isVersion6Address(String(host.dropFirst().dropLast())) else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            guard host != "*", isHostName(host.lowercased()) else { return nil }
        }
        let rest = authority.dropFirst(host.count)
        guard let colon = rest.first else { return (host, nil) }
        let digits = rest.dropFirst()
        guard colon == ":", let port = UInt16(digits), "\(port)" == digits, port != 0 else { return nil }
        return (host, Int(port))
    }
}
