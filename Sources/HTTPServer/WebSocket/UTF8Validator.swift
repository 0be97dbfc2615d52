/// Checks UTF-8, RFC 3629, in any split: overlong forms, surrogates and code points beyond U+10FFFF are refused at the first
/// byte that makes them certain.
struct UTF8Validator {
    private var missing = 0
    /// The range that the next continuation byte must lie in.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether what was seen so far ends with a whole character.
    var isComplete: Bool { missing == 0 }

    /// Looks at one more byte; false when no continuation can make the text valid.
    mutating func accept(_ byte: UInt8) -> Bool {
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
