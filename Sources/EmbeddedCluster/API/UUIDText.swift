/// Universally unique identifiers in text form.
enum UUIDText {
    /// A random one, version 4 of RFC 9562.
    static func random() -> String {
        var high = UInt64.random(in: .min ... .max)
        var low = UInt64.random(in: .min ... .max)
        high = (high & ~0xF000) | 0x4000
        low = (low & ~(0b11 << 62)) | (0b10 << 62)
        return text(high, low)
    }

    /// The text of 128 bits.
    static func text(_ high: UInt64, _ low: UInt64) -> String {
        let text = hexadecimal(high) + hexadecimal(low)
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    /// 16 digits.
    static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
