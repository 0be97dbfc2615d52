/// Base 64 as JSON objects, tokens and kubeconfigs carry bytes.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let urlAlphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// The text of bytes with padding, RFC 4648 §4.
    public static func text(of bytes: some Collection<UInt8>) -> String {
        encoded(bytes, alphabet, isPadded: true)
    }

    /// The text of bytes for a URL, without padding, RFC 4648 §5.
    public static func urlText(of bytes: some Collection<UInt8>) -> String {
        encoded(bytes, urlAlphabet, isPadded: false)
    }

    /// The bytes of a padded text of RFC 4648 §4; nil when it is none. Line ends are passed over, as Go's decoder does.
    public static func bytes(of text: String) -> [UInt8]? {
        decoded(text.utf8.filter { $0 != 0x0A && $0 != 0x0D }, isPadded: true)
    }

    /// The bytes of a text that a person may have wrapped or trimmed: white space is passed over and the padding may be missing.
    public static func bytes(ofPasted text: String) -> [UInt8]? {
        let digits = text.utf8.filter { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
        return decoded(digits, isPadded: true) ?? decoded(digits, isPadded: false)
    }

    /// The bytes of a text for a URL, RFC 4648 §5; nil when it is none of this kind.
    public static func bytes(ofURLText text: String) -> [UInt8]? {
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x2B, 0x2F: return nil
            case 0x2D: digits.append(0x2B)
            case 0x5F: digits.append(0x2F)
            default: digits.append(byte)
            }
        }
        return decoded(digits, isPadded: false)
    }

    private static func encoded(
        _ bytes: some Collection<UInt8>,
        _ alphabet: [UInt8],
        isPadded: Bool
    ) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        func append(digits: Int) {
            for digit in 0..<4 {
                if digit < digits {
                    text.append(alphabet[Int(bits >> UInt32(18 - 6 * digit) & 0x3F)])
                } else if isPadded {
                    text.append(0x3D)
                }
            }
        }
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                append(digits: 4)
                (bits, count) = (0, 0)
            }
        }
        if count > 0 {
            bits <<= UInt32(8 * (3 - count))
            append(digits: count + 1)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decoded(_ text: [UInt8], isPadded: Bool) -> [UInt8]? {
        var digits = text[...]
        if isPadded {
            guard digits.count % 4 == 0 else { return nil }
            for _ in 0..<2 where digits.last == 0x3D { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = bits << 6 | value
            count += 1
            if count == 4 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                (bits, count) = (0, 0)
            }
        }
        if count == 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> 4)) }
        if count == 3 {
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case 0x41...0x5A: UInt32(digit - 0x41)
        case 0x61...0x7A: UInt32(digit - 0x61 + 26)
        case 0x30...0x39: UInt32(digit - 0x30 + 52)
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
