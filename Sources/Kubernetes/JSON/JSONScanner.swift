/// Why bytes are not the JSON that they should be, and where.
struct JSONScanError: Error, Hashable, CustomStringConvertible {
    /// What should stand there, in words.
    let expected: String
    /// The number of bytes before the place.
    let offset: Int

    var description: String { "byte \(offset): \(expected) was expected" }
}

/// Goes through a JSON text (RFC 8259) without building a tree: what is not asked for is checked and stepped over. Objects of
/// the API are read into small projections this way.
///
///     var phase: String?
///     try scanner.object { key, scanner throws(JSONScanError) in
///         if key == "phase" { phase = try scanner.string() }
///     }
struct JSONScanner {
    /// The text.
    let bytes: UnsafeRawBufferPointer
    /// Where the scanner stands.
    private(set) var index = 0
    private var depth = 0

    /// How deep values may be nested.
    static let deepest = 256

    /// Where values that objects have in common are kept; nil when none are looked for.
    let shared: SharedValues?

    init(_ bytes: UnsafeRawBufferPointer, shared: SharedValues? = nil) {
        self.bytes = bytes
        self.shared = shared
    }

    /// Hands a scanner of the bytes to `body`.
    static func scan<Result>(
        _ bytes: borrowing [UInt8],
        shared: SharedValues? = nil,
        _ body: (inout JSONScanner) throws(JSONScanError) -> Result
    ) throws(JSONScanError) -> Result {
        let result = bytes.withUnsafeBytes { buffer in
            Swift.Result { () throws(JSONScanError) in
                var scanner = JSONScanner(buffer, shared: shared)
                return try body(&scanner)
            }
        }
        return try result.get()
    }

    // MARK: Containers

    /// A key of an object.
    struct Key {
        fileprivate let raw: UnsafeRawBufferPointer
        fileprivate let hasEscapes: Bool

        /// The key as a string.
        var string: String {
            let text = String(decoding: raw, as: UTF8.self)
            return hasEscapes ? unescapedJSON(text) : text
        }

        static func == (key: Key, name: StaticString) -> Bool {
            if key.hasEscapes { return key.string == "\(name)" }
            return name.withUTF8Buffer { $0.count == key.raw.count && $0.elementsEqual(key.raw) }
        }

        static func ~= (name: StaticString, key: Key) -> Bool { key == name }
    }

    /// Reads an object. `body` is called at each member's value and either reads it or leaves the scanner where it is.
    mutating func object(
        _ body: (Key, inout JSONScanner) throws(JSONScanError) -> Void
    ) throws(JSONScanError) {
        try enter(0x7B, "an object")
        if !skip(0x7D) {
            repeat {
                skipWhitespace()
                let (start, end, hasEscapes) = try rawString("a key")
                skipWhitespace()
                guard skip(0x3A) else { throw failure("':' after a key") }
                skipWhitespace()
                let place = index
                let key = Key(
                    raw: UnsafeRawBufferPointer(rebasing: bytes[start..<end]),
                    hasEscapes: hasEscapes
                )
                try body(key, &self)
                if index == place { try skipValue() }
                skipWhitespace()
            } while skip(0x2C)
            guard skip(0x7D) else { throw failure("',' or '}' in an object") }
        }
        depth -= 1
    }

    /// Reads an array. `body` is called at each element and either reads it or leaves the scanner where it is.
    mutating func array(_ body: (inout JSONScanner) throws(JSONScanError) -> Void) throws(JSONScanError) {
        try enter(0x5B, "an array")
        if !skip(0x5D) {
            repeat {
                skipWhitespace()
                let place = index
                try body(&self)
                if index == place { try skipValue() }
                skipWhitespace()
            } while skip(0x2C)
            guard skip(0x5D) else { throw failure("',' or ']' in an array") }
        }
        depth -= 1
    }

    private mutating func enter(_ bracket: UInt8, _ expected: String) throws(JSONScanError) {
        skipWhitespace()
        guard skip(bracket) else { throw failure(expected) }
        guard depth < Self.deepest else {
            throw failure("a value that is nested at most \(Self.deepest) deep")
        }
        depth += 1
        skipWhitespace()
    }

    // MARK: Scalars

    /// Reads a string.
    mutating func string() throws(JSONScanError) -> String {
        skipWhitespace()
        let (start, end, hasEscapes) = try rawString("a string")
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        return hasEscapes ? unescapedJSON(text) : text
    }

    /// Reads a string that other objects probably have too. A short one is held in place, so there is nothing to share, and a long
    /// one is seldom met again.
    mutating func sharedString() throws(JSONScanError) -> String {
        skipWhitespace()
        let (start, end, hasEscapes) = try rawString("a string")
        let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        if let shared, !hasEscapes, (16...256).contains(raw.count) { return shared.string(raw) }
        let text = String(decoding: raw, as: UTF8.self)
        return hasEscapes ? unescapedJSON(text) : text
    }

    /// Reads a string; nil for `null`.
    mutating func optionalString() throws(JSONScanError) -> String? {
        try skipNull() ? nil : try string()
    }

    /// Reads a whole number.
    mutating func integer() throws(JSONScanError) -> Int64 {
        skipWhitespace()
        let start = index
        try skipNumber()
        guard let value = Int64(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            index = start
            throw failure("a whole number")
        }
        return value
    }

    /// Reads `true` or `false`.
    mutating func boolean() throws(JSONScanError) -> Bool {
        skipWhitespace()
        switch peek() {
        case 0x74:
            try skipWord("true")
            return true
        case 0x66:
            try skipWord("false")
            return false
        default: throw failure("a boolean")
        }
    }

    /// Steps over `null`; returns whether it was there.
    mutating func skipNull() throws(JSONScanError) -> Bool {
        skipWhitespace()
        guard peek() == 0x6E else { return false }
        try skipWord("null")
        return true
    }

    /// Whether the next value is an object, rather than something else.
    var isAtObject: Bool { peek() == 0x7B }

    /// Whether the next value is a string.
    var isAtString: Bool { peek() == 0x22 }

    /// Steps over a value; returns its bytes.
    mutating func skippedBytes() throws(JSONScanError) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[try skipValue()])
    }

    /// Steps over a value; returns where it lies.
    @discardableResult
    mutating func skipValue() throws(JSONScanError) -> Range<Int> {
        skipWhitespace()
        let start = index
        switch peek() {
        case 0x7B: try object { _, _ in }
        case 0x5B: try array { _ in }
        case 0x22: _ = try rawString("a string")
        case 0x74: try skipWord("true")
        case 0x66: try skipWord("false")
        case 0x6E: try skipWord("null")
        default: try skipNumber()
        }
        return start..<index
    }

    /// Checks that nothing but white space is left.
    mutating func end() throws(JSONScanError) {
        skipWhitespace()
        guard index == bytes.count else { throw failure("the end of the text") }
    }

    // MARK: Bytes

    func failure(_ expected: String) -> JSONScanError {
        JSONScanError(expected: expected, offset: index)
    }

    private func peek() -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONScanError) {
        let length = word.utf8CodeUnitCount
        guard word.withUTF8Buffer({ $0.elementsEqual(bytes[index...].prefix(length)) }) else {
            throw failure("a value")
        }
        index += length
    }

    private mutating func skipNumber() throws(JSONScanError) {
        _ = skip(0x2D)
        if !skip(0x30) { try skipDigits() }
        if skip(0x2E) { try skipDigits() }
        if skip(0x65) || skip(0x45) {
            _ = skip(0x2B) || skip(0x2D)
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONScanError) {
        let start = index
        while let byte = peek(), (0x30...0x39).contains(byte) { index += 1 }
        if index == start { throw failure("a value") }
    }

    /// Steps over a string; returns where the text between its quotes lies.
    private mutating func rawString(
        _ expected: String
    ) throws(JSONScanError) -> (start: Int, end: Int, hasEscapes: Bool) {
        guard skip(0x22) else { throw failure(expected) }
        let start = index
        var hasEscapes = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 {
                index += 1
                return (start, index - 1, hasEscapes)
            }
            if byte == 0x5C {
                hasEscapes = true
                try skipEscape()
            } else if byte < 0x20 {
                throw failure("an escape instead of a control character")
            } else {
                index += 1
            }
        }
        throw failure("'\"' at the end of a string")
    }

    private mutating func skipEscape() throws(JSONScanError) {
        index += 1
        switch peek() {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: index += 1
        case 0x75:
            index += 1
            for _ in 0..<4 {
                guard let byte = peek(), byte < 0x80, Character(Unicode.Scalar(byte)).isHexDigit else {
                    throw failure("four hexadecimal digits")
                }
                index += 1
            }
        default: throw failure("an escape")
        }
    }
}
