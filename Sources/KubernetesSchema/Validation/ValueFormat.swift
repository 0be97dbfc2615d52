import JSON
import KubernetesModel

/// The forms of strings that schemas name in `format`. Names that are not known here allow any string, as upstream.
enum ValueFormat {
    static func isValid(_ text: String, as format: String) -> Bool {
        switch format {
        case "date-time", "datetime": Timestamp(rfc3339: text) != nil
        case "date": Timestamp(rfc3339: text + "T00:00:00Z") != nil
        case "byte": Base64.bytes(of: text) != nil
        case "uuid": isUUID(text)
        case "ipv4": isIPv4(text)
        case "ipv6": isIPv6(text)
        case "cidr": isNetwork(text)
        case "hostname": isHostname(text)
        case "duration": isDuration(text)
        case "email": isEmail(text)
        case "uri": isURI(text)
        default: true
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        let isGrouped = parts.map(\.count) == [8, 4, 4, 4, 12]
        return (isGrouped || (parts.count == 1 && text.utf8.count == 32))
            && parts.allSatisfy { $0.allSatisfy(isHex) }
    }

    static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && (part == "0" || part.utf8.first != 0x30) && (Int(part) ?? 256) <= 255
            }
    }

    /// RFC 4291, section 2.2.
    static func isIPv6(_ text: String) -> Bool {
        func count(_ groups: Substring, mayEndInIPv4: Bool) -> Int? {
            if groups.isEmpty { return 0 }
            var count = 0
            let parts = groups.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if mayEndInIPv4, index == parts.count - 1, part.contains(".") {
                    guard isIPv4(String(part)) else { return nil }
                    count += 2
                } else {
                    guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHex) else { return nil }
                    count += 1
                }
            }
            return count
        }
        let bytes = Array(text.utf8)
        guard let gap = bytes.indices.dropLast().first(where: { bytes[$0] == 0x3A && bytes[$0 + 1] == 0x3A })
        else {
            return count(text[...], mayEndInIPv4: true) == 8
        }
        let utf8 = text.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: gap)
        guard let before = count(text[..<start], mayEndInIPv4: false),
            let after = count(text[utf8.index(start, offsetBy: 2)...], mayEndInIPv4: true)
        else { return false }
        return before + after <= 7
    }

    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), length >= 0 else { return false }
        let address = String(parts[0])
        return (isIPv4(address) && length <= 32) || (isIPv6(address) && length <= 128)
    }

    /// RFC 1123, section 2.1.
    private static func isHostname(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.utf8.first != 0x2D && label.utf8.last != 0x2D
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
            }
    }

    /// Go's `time.ParseDuration`: `1h30m`, `-1.5s`, `0`.
    static func isDuration(_ text: String) -> Bool {
        var rest = text[...]
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return true }
        guard !rest.isEmpty else { return false }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard number.contains(where: \.isNumber), number.count(where: { $0 == "." }) <= 1 else {
                return false
            }
            rest = rest.dropFirst(number.count)
            guard let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].first(where: rest.hasPrefix) else {
                return false
            }
            rest = rest.dropFirst(unit.count)
        }
        return true
    }

    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[0].contains(" ")
            && isHostname(String(parts[1]))
    }

    /// An absolute path or something with a scheme (Go's `url.ParseRequestURI`).
    private static func isURI(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return false }
        if text.utf8.first == 0x2F { return true }
        guard let colon = text.firstIndex(of: ":") else { return false }
        let scheme = text[..<colon].utf8
        guard let first = scheme.first, isAlphanumeric(first), !(0x30...0x39).contains(first) else {
            return false
        }
        return scheme.allSatisfy { isAlphanumeric($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
    }
}
