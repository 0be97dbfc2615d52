/// Which strings can be written without quotes.
enum PlainScalar {
    /// Whether the string, written as it is, is read back as the same string by readers of YAML 1.1 and 1.2, as key and as value.
    static func isSafe(_ string: String) -> Bool {
        guard let first = string.utf8.first, let last = string.utf8.last, string.utf8.count <= 128 else {
            return false
        }
        // Indicators (chapter 5.3), and what a number or `.inf` begins with, unless it is a word or a path.
        guard isLetter(first) || first == 0x2F || first == 0x5F || isVersionLike(string) else { return false }
        guard last != 0x20, last != 0x3A else { return false }
        var previous: UInt8 = 0
        for byte in string.utf8 {
            guard (0x20..<0x7F).contains(byte), byte != 0x5C else { return false }
            // ": " starts a value and " #" a comment.
            if byte == 0x20, previous == 0x3A { return false }
            if byte == 0x23, previous == 0x20 { return false }
            previous = byte
        }
        return !isWord(string)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// A text such as `10.0.0.1` or `8gi-disk`, which begins with a digit and can be no number, time or date of YAML 1.1: it has
    /// a letter beyond those of numbers, or three points, and neither colon nor underscore.
    private static func isVersionLike(_ string: String) -> Bool {
        guard let first = string.utf8.first, isDigit(first) else { return false }
        let bytes = string.utf8
        guard bytes.allSatisfy({ isDigit($0) || isLetter($0) || $0 == 0x2E || $0 == 0x2D || $0 == 0x2F })
        else {
            return false
        }
        if bytes.count(where: { $0 == 0x2E }) >= 2, bytes.allSatisfy({ isDigit($0) || $0 == 0x2E }) {
            return true
        }
        // Hexadecimal, octal, binary, exponents and the T and Z of a time.
        let ofNumbers = Array("abcdefABCDEFxXoOtTzZ".utf8)
        return bytes.contains { isLetter($0) && !ofNumbers.contains($0) }
    }

    /// Whether the string stands for null or a boolean in YAML 1.1 or 1.2, or is the merge key.
    private static func isWord(_ string: String) -> Bool {
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "<<"].contains(string.lowercased())
    }
}

/// Which strings can be written as literal blocks.
enum BlockScalar {
    /// Whether the string has several lines and is the same when it is read back.
    static func isSuitable(_ string: String) -> Bool {
        guard string.utf8.contains(0x0A), let first = string.utf8.first else { return false }
        // A block's indentation is seen from its first line, which must not begin with white space then.
        guard first != 0x20, first != 0x09, first != 0x0A else { return false }
        return string.unicodeScalars.allSatisfy { isPrintable($0) && $0 != "\r" && $0 != "\t" }
    }

    /// Printable characters (chapter 5.1) that are no line ends besides the line feed.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }
}
