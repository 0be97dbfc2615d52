/// What stands at one position of a byte buffer that ought to hold UTF-8.
package enum UTF8Sequence: Equatable {
    /// A well-formed sequence of that many bytes (1 to 4).
    case wellFormed(length: Int)
    /// Bytes that start no well-formed sequence. Replacing that many bytes (1 to 3) by one U+FFFD is the
    /// "maximal subpart" practice of the Unicode Standard, section 3.9.
    case illFormed(length: Int)

    /// The sequence that begins at `index`, which must be inside `bytes`.
    ///
    /// The ranges are those of table 3-7 of the Unicode Standard: no overlong form, no surrogate, nothing above
    /// U+10FFFF.
    package init(in bytes: UnsafeRawBufferPointer, at index: Int) {
        let lead = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0x00...0x7F:
            self = .wellFormed(length: 1)
            return
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default:
            self = .illFormed(length: 1)
            return
        }
        var matched = 1
        while matched < length {
            let next = index + matched
            let allowed: ClosedRange<UInt8> = matched == 1 ? second : 0x80...0xBF
            guard next < bytes.count, allowed.contains(bytes[next]) else {
                self = .illFormed(length: matched)
                return
            }
            matched += 1
        }
        self = .wellFormed(length: length)
    }
}
