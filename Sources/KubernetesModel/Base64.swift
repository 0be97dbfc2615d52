/// Base 64 with padding, RFC 4648 §4, as JSON objects carry bytes.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    /// The text of bytes.
    public static func text(of bytes: some Collection<UInt8>) -> String {
        let bytes = Array(bytes)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0) }
            for position in 0..<4 {
                text.append(position <= count ? alphabet[Int(group >> UInt32(18 - 6 * position)) & 63] : 0x3D)
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes; nil when the text is not base 64. Line ends are passed over.
    public static func bytes(of text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var group: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 where byte != 0x0A && byte != 0x0D {
            if byte == 0x3D {
                padding += 1
                group <<= 6
            } else {
                guard padding == 0, let value = alphabet.firstIndex(of: byte) else { return nil }
                group = group << 6 | UInt32(value)
            }
            count += 1
            if count == 4 {
                guard padding <= 2 else { return nil }
                for position in 0..<(3 - padding) {
                    bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * position)))
                }
                group = 0
                count = 0
            }
        }
        return count == 0 ? bytes : nil
    }
}

/// The alphabet for URLs, without padding, RFC 4648 §5.
extension Base64 {
    /// The text of bytes, for a URL.
    public static func urlText(of bytes: some Collection<UInt8>) -> String {
        var result = ""
        for character in text(of: bytes) {
            switch character {
            case "+": result.append("-")
            case "/": result.append("_")
            case "=": break
            default: result.append(character)
            }
        }
        return result
    }

    /// The bytes; nil when the text is none of this kind.
    public static func bytes(ofURLText text: String) -> [UInt8]? {
        guard !text.contains("+"), !text.contains("/"), !text.contains("=") else { return nil }
        var plain = ""
        for character in text { plain.append(character == "-" ? "+" : character == "_" ? "/" : character) }
        plain += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return bytes(of: plain)
    }
}
