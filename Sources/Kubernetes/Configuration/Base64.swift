/// Base64 with the standard alphabet (RFC 4648, section 4).
enum Base64 {
    /// The bytes that the text stands for; nil when it is not base64. White space is passed over and the padding may be missing,
    /// since people wrap and trim what they paste.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            let digit: UInt8
            switch byte {
            case 0x41...0x5A: digit = byte - 0x41
            case 0x61...0x7A: digit = byte - 0x61 + 26
            case 0x30...0x39: digit = byte - 0x30 + 52
            case 0x2B: digit = 62
            case 0x2F: digit = 63
            case 0x09, 0x0A, 0x0D, 0x20: continue
            case 0x3D:
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            bits = bits << 6 | UInt32(digit)
            digits += 1
            if digits % 4 == 0 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits = 0
            }
        }
        let rest = digits % 4
        guard padding == 0 || padding == (4 - rest) % 4 else { return nil }
        switch rest {
        case 0: return bytes
        case 2:
            bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
            return bytes
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
            return bytes
        default: return nil
        }
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    /// The bytes as text, padded.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                append(bits, digits: 4, to: &text)
                bits = 0
                count = 0
            }
        }
        if count == 1 { append(bits << 16, digits: 2, to: &text) }
        if count == 2 { append(bits << 8, digits: 3, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ bits: UInt32, digits: Int, to text: inout [UInt8]) {
        for digit in 0..<4 {
            let value = Int(bits >> UInt32(18 - 6 * digit) & 0x3F)
            text.append(digit < digits ? alphabet[value] : 0x3D)
        }
    }
}
