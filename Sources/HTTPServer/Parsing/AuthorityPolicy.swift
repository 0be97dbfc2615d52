/// `uri-host [ ":" port ]`, RFC 9110 §7.2, as offsets into the head.
struct HostAndPort {
    var host: ByteRange
    var port: UInt16?
    /// An IPv4 address or a bracketed IPv6 address rather than a name.
    var isAddress: Bool

    init?(_ bytes: Span<UInt8>, _ range: ByteRange) {
        var index = Int(range.start)
        let end = Int(range.end)
        guard index < end else { return nil }
        if bytes[index] == 0x5B {
            index += 1
            var colons = 0
            while index < end, bytes[index] != 0x5D {
                guard ByteClass.hexValue(bytes[index]) != nil || bytes[index] == 0x3A || bytes[index] == 0x2E
                else {
                    return nil
                }
                if bytes[index] == 0x3A { colons += 1 }
                index += 1
            }
            guard index < end, colons >= 2 else { return nil }
            index += 1
            isAddress = true
        } else {
            var onlyDigitsAndDots = true
            while index < end, bytes[index] != 0x3A {
                guard ByteClass.isRegisteredName(bytes[index]) else { return nil }
                if bytes[index] == 0x25 {
                    guard index + 2 < end, ByteClass.hexValue(bytes[index + 1]) != nil,
                        ByteClass.hexValue(bytes[index + 2]) != nil
                    else { return nil }
                }
                if !ByteClass.isDigit(bytes[index]), bytes[index] != 0x2E { onlyDigitsAndDots = false }
                index += 1
            }
            isAddress = onlyDigitsAndDots
        }
        host = ByteRange(Int(range.start), index)
        guard !host.isEmpty else { return nil }
        guard index < end else { return }
        guard bytes[index] == 0x3A else { return nil }
        index += 1
        // RFC 3986 §3.2.3 allows an empty port, which means the scheme's default.
        guard index < end else { return }
        guard end - index <= 5 else { return nil }
        var value = 0
        while index < end {
            guard ByteClass.isDigit(bytes[index]) else { return nil }
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        guard let port = UInt16(exactly: value) else { return nil }
        self.port = port
    }
}

/// Which hosts and ports a listener answers for.
///
/// An unauthenticated server on a loopback address is reachable by any web page whose own name an attacker points at
/// 127.0.0.1 (DNS rebinding). Such a page sends its own name as Host, so names that are not this machine's are refused.
struct AuthorityPolicy: Sendable, Equatable {
    /// Lower-case names served beyond addresses, `localhost` and names below it; empty adds none.
    var names: [String] = []
    /// Whether every Host is served.
    var servesAnyName = false
    /// The ports that an absolute-form target may name.
    var ports: [UInt16] = []
    /// Whether the listener speaks TLS: its URLs begin with https.
    var isSecure = false

    /// The port of a URL that names none, RFC 9110 §4.2.1 and §4.2.2.
    var defaultPort: UInt16 { isSecure ? 443 : 80 }

    @inline(__always)
    func serves(_ host: HostAndPort, _ bytes: Span<UInt8>) -> Bool {
        servesAnyName || host.isAddress || servesName(host, bytes)
    }

    func isPortServed(_ port: UInt16) -> Bool {
        ports.isEmpty || ports.contains(port)
    }

    private func servesName(_ host: HostAndPort, _ bytes: Span<UInt8>) -> Bool {
        var name: [UInt8] = []
        for index in host.host.bounds { name.append(ByteClass.lowercased(bytes[index])) }
        if name.last == 0x2E { name.removeLast() }
        let text = String(decoding: name, as: UTF8.self)
        return text == "localhost" || text.hasSuffix(".localhost") || names.contains(text)
    }
}
