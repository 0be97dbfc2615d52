/// Checks UTF-8, RFC 3629, in any split: overlong forms, surrogates and code points beyond U+10FFFF are refused at the first
/// byte that makes them certain.
struct UTF8Validator {
    private var missing = 0
    /// The range that the next continuation byte must lie in.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether what was seen so far ends with a whole character.
    var isComplete: Bool { missing == 0 }

    /// Looks at more bytes; false when no continuation can make the text valid.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            // Most text is ASCII: eight bytes at a time.
            if missing == 0 {
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { break }
            }
            guard accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    /// Looks at one more byte.
    private mutating func accept(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= lower, byte <= upper else { return false }
            missing -= 1
            (lower, upper) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lower) = (2, 0xA0)
        case 0xED: (missing, upper) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lower) = (3, 0x90)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, upper) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
