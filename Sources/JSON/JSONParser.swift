extension JSONValue {
    /// Reads one JSON text (RFC 8259), strictly: nothing before or behind the value but whitespace, no comments, no
    /// trailing commas, no byte order mark.
    ///
    /// A number without fraction and exponent that does not fit 64 bits is read as a floating-point number. Keys
    /// that are canonically equivalent Unicode text count as the same key.
    ///
    /// - Parameter maximumDepth: how deep arrays and objects may be nested.
    /// - Throws: where and why the bytes are no such text.
    public init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 128) throws(JSONParseError) {
        let parse = { (bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONParseError> in
            var parser = JSONParser(bytes: UnsafeRawBufferPointer(bytes), maximumDepth: maximumDepth)
            return Result { () throws(JSONParseError) in try parser.parse() }
        }
        let result =
            bytes.withContiguousStorageIfAvailable(parse) ?? Array(bytes).withUnsafeBufferPointer(parse)
        self = try result.get()
    }

    /// Reads one JSON text; see ``init(parsing:maximumDepth:)-(Collection<UInt8>,_)``.
    public init(parsing text: String, maximumDepth: Int = 128) throws(JSONParseError) {
        try self.init(parsing: text.utf8, maximumDepth: maximumDepth)
    }
}

/// A recursive-descent parser; strings and numbers are in their own files.
struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let maximumDepth: Int
    var index = 0
    private var depth = 0

    init(bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func parse() throws(JSONParseError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue(expected: "a value")
        skipWhitespace()
        guard index == bytes.count else { throw unexpected("the end of the text") }
        return value
    }

    // MARK: Values

    private mutating func parseValue(expected: String) throws(JSONParseError) -> JSONValue {
        switch peek() {
        case 0x7B: return .object(try parseMembers())
        case 0x5B: return .array(try parseElements())
        case 0x22: return .string(try parseString())
        case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39: return try parseNumber()
        case 0x74: return try parseWord("true", .bool(true))
        case 0x66: return try parseWord("false", .bool(false))
        case 0x6E: return try parseWord("null", .null)
        default: throw unexpected(expected)
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONParseError)
        -> JSONValue
    {
        let length = word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { $0.elementsEqual(bytes[index...].prefix(length)) }
        guard matches else { throw unexpected("'\(word)'") }
        index += length
        return value
    }

    private mutating func parseElements() throws(JSONParseError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        if !skip(0x5D) {
            var expected = "a value or ']'"
            repeat {
                skipWhitespace()
                elements.append(try parseValue(expected: expected))
                skipWhitespace()
                expected = "a value after ','"
            } while skip(0x2C)
            guard skip(0x5D) else { throw unexpected("',' or ']' after an array element") }
        }
        depth -= 1
        return elements
    }

    private mutating func parseMembers() throws(JSONParseError) -> JSONMembers {
        try enter()
        var members = JSONMembers()
        if !skip(0x7D) {
            var expected = "a key in double quotes or '}'"
            repeat {
                skipWhitespace()
                guard peek() == 0x22 else { throw unexpected(expected) }
                let keyStart = index
                let key = try parseString()
                skipWhitespace()
                guard skip(0x3A) else { throw unexpected("':' after a key") }
                skipWhitespace()
                let value = try parseValue(expected: "a value after ':'")
                guard members.add(key, value) else { throw failure(.duplicateKey(key), at: keyStart) }
                skipWhitespace()
                expected = "a key in double quotes after ','"
            } while skip(0x2C)
            guard skip(0x7D) else { throw unexpected("',' or '}' after an object member") }
        }
        depth -= 1
        return members
    }

    /// Steps over the opening bracket.
    private mutating func enter() throws(JSONParseError) {
        guard depth < maximumDepth else { throw failure(.tooDeep(limit: maximumDepth), at: index) }
        depth += 1
        index += 1
        skipWhitespace()
    }

    // MARK: Bytes

    func peek() -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    // MARK: Failures

    func failure(_ reason: JSONParseError.Reason, at offset: Int) -> JSONParseError {
        JSONParseError(reason, at: offset, of: bytes)
    }

    func unexpected(_ expected: String) -> JSONParseError {
        failure(.unexpected(found: descriptionOfNext, expected: expected), at: index)
    }

    private var descriptionOfNext: String {
        guard let byte = peek() else { return "the end of the text" }
        if bytes[index...].starts(with: [0xEF, 0xBB, 0xBF]) { return "a byte order mark" }
        guard byte >= 0x20, byte != 0x7F else {
            return "a control character (0x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16)))"
        }
        switch UTF8Sequence(in: bytes, at: index) {
        case .wellFormed(let length):
            return "'\(String(decoding: bytes[index..<index + length], as: UTF8.self))'"
        case .illFormed:
            return "a byte that is not UTF-8 (0x\(String(byte, radix: 16)))"
        }
    }
}
