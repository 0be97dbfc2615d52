extension JSONParser {
    // MARK: Strings

    /// Reads a string; the parser stands at its opening quote.
    mutating func parseString() throws(JSONParseError) -> String {
        index += 1
        let start = index
        try skipUnescaped()
        if peek() == 0x22 {
            defer { index += 1 }
            return String(decoding: bytes[start..<index], as: UTF8.self)
        }
        var unescaped: [UInt8] = []
        var runStart = start
        while peek() == 0x5C {
            unescaped.append(contentsOf: bytes[runStart..<index])
            try parseEscape(into: &unescaped)
            runStart = index
            try skipUnescaped()
        }
        unescaped.append(contentsOf: bytes[runStart..<index])
        guard skip(0x22) else { throw unexpected("'\"' at the end of a string") }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// Steps to the next quote, backslash or the end of the text.
    private mutating func skipUnescaped() throws(JSONParseError) {
        while let byte = peek(), byte != 0x22, byte != 0x5C {
            if byte < 0x20 {
                throw unexpected("a string without bare control characters (they need an escape such as \\n)")
            }
            guard byte >= 0x80 else {
                index += 1
                continue
            }
            switch UTF8Sequence(in: bytes, at: index) {
            case .wellFormed(let length): index += length
            case .illFormed: throw failure(.invalidUTF8, at: index)
            }
        }
    }

    /// Reads an escape; the parser stands at its backslash.
    private mutating func parseEscape(into unescaped: inout [UInt8]) throws(JSONParseError) {
        let start = index
        index += 1
        switch peek() {
        case 0x22, 0x5C, 0x2F: unescaped.append(bytes[index])
        case 0x62: unescaped.append(0x08)
        case 0x66: unescaped.append(0x0C)
        case 0x6E: unescaped.append(0x0A)
        case 0x72: unescaped.append(0x0D)
        case 0x74: unescaped.append(0x09)
        case 0x75:
            index += 1
            let scalar = try parseEscapedScalar(escapeStart: start)
            UTF8.encode(scalar)?.forEach { unescaped.append($0) }
            return
        default: throw unexpected("one of \" \\ / b f n r t u after '\\'")
        }
        index += 1
    }

    /// Reads the digits of a `\u` escape and, for the first half of a surrogate pair, the second escape.
    private mutating func parseEscapedScalar(escapeStart: Int) throws(JSONParseError) -> Unicode.Scalar {
        let first = try parseHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, skip(0x5C), skip(0x75) else {
            throw failure(.unpairedSurrogate, at: escapeStart)
        }
        let second = try parseHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure(.unpairedSurrogate, at: escapeStart) }
        return scalar
    }

    private mutating func parseHexDigits() throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
            else {
                throw unexpected("four hexadecimal digits after '\\u'")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    // MARK: Numbers

    /// Reads a number; the parser stands at its sign or first digit.
    mutating func parseNumber() throws(JSONParseError) -> JSONValue {
        let start = index
        _ = skip(0x2D)
        if !skip(0x30) { try skipDigits("a digit") }
        var isInteger = true
        if skip(0x2E) {
            isInteger = false
            try skipDigits("a digit after '.'")
        }
        if skip(0x65) || skip(0x45) {
            isInteger = false
            _ = skip(0x2B) || skip(0x2D)
            try skipDigits("a digit in the exponent")
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure(.numberOutOfRange, at: start) }
        return .number(value)
    }

    private mutating func skipDigits(_ expected: String) throws(JSONParseError) {
        let start = index
        while let byte = peek(), (0x30...0x39).contains(byte) { index += 1 }
        if index == start { throw unexpected(expected) }
    }
}
