/// Why bytes are not the JSON that they should be, and where.
public struct JSONParseError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// Something else was required at this place; both in words.
        case unexpected(found: String, expected: String)
        /// An object has two members with this key.
        case duplicateKey(String)
        /// Arrays and objects are nested deeper than this limit.
        case tooDeep(limit: Int)
        /// Bytes inside a string are not UTF-8.
        case invalidUTF8
        /// A `\u` escape gives half of a surrogate pair without the other half.
        case unpairedSurrogate
        /// A number is too large for any floating-point number.
        case numberOutOfRange
    }

    /// What is wrong.
    public let reason: Reason
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode characters (scalars), from 1.
    public let column: Int
    /// The number of bytes before the place.
    public let offset: Int

    init(_ reason: Reason, at offset: Int, of bytes: UnsafeRawBufferPointer) {
        self.reason = reason
        self.offset = offset
        var line = 1
        var column = 1
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }
}

extension JSONParseError: CustomStringConvertible {
    /// The place and the reason in one line, such as `line 3, column 7: expected ':' after a key, found '}'`.
    public var description: String {
        "line \(line), column \(column): \(message)"
    }

    /// The reason in words, without the place.
    public var message: String {
        switch reason {
        case .unexpected(let found, let expected): "expected \(expected), found \(found)"
        case .duplicateKey(let key): "the key \(JSONValue.string(key)) appears twice in one object"
        case .tooDeep(let limit): "arrays and objects are nested more than \(limit) deep"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .unpairedSurrogate: "a \\u escape is half of a surrogate pair without the other half"
        case .numberOutOfRange: "a number is too large"
        }
    }
}
