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

    /// Whether the text is an origin as browsers write it (RFC 6454 §6.1): `http://` or `https://`, a host in lower
    /// case and a port unless it is the scheme's own; no path. Or `*`.
    static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        for (scheme, ownPort) in [("http://", 80), ("https://", 443)] where text.hasPrefix(scheme) {
            let authority = text.dropFirst(scheme.count)
            let rest: Substring
            if authority.hasPrefix("[") {
                guard let end = authority.firstIndex(of: "]") else { return false }
                let address = authority[authority.index(after: authority.startIndex)..<end]
                guard isVersion6Address(String(address)), address == address.lowercased() else {
                    return false
                }
                rest = authority[authority.index(after: end)...]
            } else {
                let end = authority.firstIndex(of: ":") ?? authority.endIndex
                let host = authority[..<end]
                guard host != "*", isHostName(String(host)) else { return false }
                rest = authority[end...]
            }
            guard let colon = rest.first else { return true }
            let digits = rest.dropFirst()
            guard colon == ":", let port = UInt16(digits), "\(port)" == digits else { return false }
            return port != 0 && Int(port) != ownPort
        }
        return false
    }
}
