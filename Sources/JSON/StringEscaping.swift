extension [UInt8] {
    /// Appends a JSON string (RFC 8259, section 7), quotes included, from bytes that ought to be UTF-8.
    ///
    /// Each ill-formed sequence becomes one U+FFFD, so that what is written is always valid JSON.
    package mutating func append(jsonString bytes: UnsafeRawBufferPointer) {
        append(0x22)
        append(jsonEscaping: bytes)
        append(0x22)
    }

    /// Appends the inside of a JSON string from bytes that ought to be UTF-8.
    package mutating func append(jsonEscaping bytes: UnsafeRawBufferPointer) {
        var runStart = 0
        var index = 0
        while true {
            index = plainASCIIEnd(of: bytes, from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte >= 0x80, case .wellFormed(let length) = UTF8Sequence(in: bytes, at: index) {
                index += length
                continue
            }
            append(contentsOf: bytes[runStart..<index])
            if byte >= 0x80 {
                append(literal: "\u{FFFD}")
                if case .illFormed(let length) = UTF8Sequence(in: bytes, at: index) { index += length }
            } else {
                append(jsonEscapeOf: byte)
                index += 1
            }
            runStart = index
        }
        append(contentsOf: bytes[runStart...])
    }

    /// Appends the escape of one ASCII byte, the shortest there is.
    package mutating func append(jsonEscapeOf byte: UInt8) {
        append(0x5C)
        switch byte {
        case 0x22, 0x5C: append(byte)
        case 0x08: append(0x62)
        case 0x09: append(0x74)
        case 0x0A: append(0x6E)
        case 0x0C: append(0x66)
        case 0x0D: append(0x72)
        default:
            append(literal: "u00")
            append(hexDigit: byte >> 4)
            append(hexDigit: byte & 0x0F)
        }
    }

    /// Appends one lower-case hexadecimal digit; `nibble` is below 16.
    package mutating func append(hexDigit nibble: UInt8) {
        append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
    }
}

/// The index of the first byte, at or after `start`, that a JSON string cannot hold as it is or that is not ASCII;
/// the count of the bytes when there is none.
///
/// Eight bytes are tested at a time: subtracting a value from every byte of a word borrows into the top bit of
/// exactly the bytes below that value (the lowest such byte is always right, which is the one wanted).
private func plainASCIIEnd(of bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    var index = start
    while index + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let control = (word &- (ones &* 0x20)) & ~word
        let special = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control | word
        let found = special & tops
        if found != 0 { return index + found.trailingZeroBitCount / 8 }
        index += 8
    }
    while index < bytes.count {
        let byte = bytes[index]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return index }
        index += 1
    }
    return index
}
