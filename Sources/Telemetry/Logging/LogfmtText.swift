internal import JSON

extension [UInt8] {
    /// Appends a logfmt value: as it is when it consists of visible ASCII without `"` and `=`, else quoted.
    mutating func append(logfmtValue bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty, bytes.allSatisfy({ isBare($0) && $0 != 0x20 }) {
            append(contentsOf: bytes)
        } else {
            append(logfmtQuoting: bytes)
        }
    }

    /// Appends the message of a record: as it is, spaces included, unless a reader could take part of it for a
    /// field or for another line; then quoted.
    mutating func append(logfmtMessage bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty, bytes.allSatisfy(isBare) {
            append(contentsOf: bytes)
        } else {
            append(logfmtQuoting: bytes)
        }
    }

    /// Appends a key, with `_` for every byte that a logfmt key cannot hold.
    mutating func append(logfmtKey key: String) {
        if key.isEmpty { append(0x5F) }
        for byte in key.utf8 { append(isBare(byte) && byte != 0x20 ? byte : 0x5F) }
    }

    /// Appends a JSON string in which everything that is not visible (controls, direction marks, line separators)
    /// is escaped, so that it can neither end the line nor disguise what stands on it.
    private mutating func append(logfmtQuoting bytes: UnsafeRawBufferPointer) {
        append(0x22)
        var runStart = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if isPlainInQuotes(byte) {
                index += 1
                continue
            }
            guard byte >= 0x80 else {
                append(contentsOf: bytes[runStart..<index])
                append(jsonEscapeOf: byte)
                index += 1
                runStart = index
                continue
            }
            switch UTF8Sequence(in: bytes, at: index) {
            case .wellFormed(let length):
                let sequence = String(decoding: bytes[index..<index + length], as: UTF8.self)
                if !sequence.unicodeScalars.allSatisfy(isVisible) {
                    append(contentsOf: bytes[runStart..<index])
                    for unit in sequence.utf16 { append(escapedUnit: unit) }
                    runStart = index + length
                }
                index += length
            case .illFormed(let length):
                append(contentsOf: bytes[runStart..<index])
                append(literal: "\u{FFFD}")
                index += length
                runStart = index
            }
        }
        append(contentsOf: bytes[runStart...])
        append(0x22)
    }

    private mutating func append(escapedUnit unit: UInt16) {
        append(literal: "\\u")
        for shift in [12, 8, 4, 0] as [UInt16] { append(hexDigit: UInt8(unit >> shift & 0xF)) }
    }
}

/// Visible ASCII and the space, without the bytes that have a meaning in logfmt.
private func isBare(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x3D
}

private func isPlainInQuotes(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C
}

private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
}
