import JSON
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
            ("-0", .integer(0)), ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.0", .number(1)), ("1e2", .number(100)), ("-1.5E-3", .number(-0.0015)), ("1E+2", .number(100)),
            ("1e-400", .number(0)), ("\"\"", .string("")), ("[]", .array([])), ("{}", .object(JSONMembers())),
            ("\t\r\n [1 , [ ] , {\"a\" : null}]", .array([1, [], ["a": .null]])),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")), (#""\u00e9\u20AC""#, .string("é€")),
            (#""\ud83d\ude00x""#, .string("😀x")), (#""a\u0000b""#, .string("a\u{0}b")),
            ("\"é€😀\"", .string("é€😀")),
        ] as [(String, JSONValue)]
    )
    func `valid text is read`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: AnyCollection(Array(text.utf8))) == value)
    }

    @Test(arguments: [
        ("", 1, 1, "expected a value, found the end of the text"),
        ("  nul", 1, 3, "expected 'null', found 'n'"),
        ("[1,]", 1, 4, "expected a value after ',', found ']'"),
        ("[1 2]", 1, 4, "expected ',' or ']' after an array element, found '2'"),
        ("[", 1, 2, "expected a value or ']', found the end of the text"),
        ("{\"a\" 1}", 1, 6, "expected ':' after a key, found '1'"),
        ("{\"a\":}", 1, 6, "expected a value after ':', found '}'"),
        ("{\"a\":1,}", 1, 8, "expected a key in double quotes after ',', found '}'"),
        ("{a:1}", 1, 2, "expected a key in double quotes or '}', found 'a'"),
        ("{\n  \"é\": 1\n  \"b\": 2\n}", 3, 3, "expected ',' or '}' after an object member, found '\"'"),
        ("{\n\"é\": é}", 2, 6, "expected a value after ':', found 'é'"),
        ("1 2", 1, 3, "expected the end of the text, found '2'"),
        ("01", 1, 2, "expected the end of the text, found '1'"),
        ("-", 1, 2, "expected a digit, found the end of the text"),
        ("+1", 1, 1, "expected a value, found '+'"),
        (".5", 1, 1, "expected a value, found '.'"),
        ("1.", 1, 3, "expected a digit after '.', found the end of the text"),
        ("1.e5", 1, 3, "expected a digit after '.', found 'e'"),
        ("1e+", 1, 4, "expected a digit in the exponent, found the end of the text"),
        ("1e400", 1, 1, "a number is too large"),
        ("NaN", 1, 1, "expected a value, found 'N'"),
        ("'a'", 1, 1, "expected a value, found '''"),
        ("// x", 1, 1, "expected a value, found '/'"),
        ("\u{FEFF}1", 1, 1, "expected a value, found a byte order mark"),
        ("\"abc", 1, 5, "expected '\"' at the end of a string, found the end of the text"),
        (#""\x""#, 1, 3, #"expected one of " \ / b f n r t u after '\', found 'x'"#),
        (#""\u12g4""#, 1, 6, #"expected four hexadecimal digits after '\u', found 'g'"#),
        (#""\u12１4""#, 1, 6, #"expected four hexadecimal digits after '\u', found '１'"#),
        (#""\ud800""#, 1, 2, "a \\u escape is half of a surrogate pair without the other half"),
        (#""\ud800\u0041""#, 1, 2, "a \\u escape is half of a surrogate pair without the other half"),
        (#""a\udc00""#, 1, 3, "a \\u escape is half of a surrogate pair without the other half"),
        ("{\"a\":1,\n \"a\":2}", 2, 2, "the key \"a\" appears twice in one object"),
        ("{\"a\":{\"b\":1,\"\\u0062\":2}}", 1, 13, "the key \"b\" appears twice in one object"),
    ])
    func `invalid text is refused with its place and what was expected`(
        text: String,
        line: Int,
        column: Int,
        message: String
    ) throws {
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error.description == "line \(line), column \(column): \(message)")
    }

    @Test func `bare control characters and NUL are refused`() throws {
        for control in UInt8(0)..<0x20 {
            #expect(throws: JSONParseError.self) { try JSONValue(parsing: [0x22, control, 0x22]) }
        }
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: [0x31, 0x00]) }
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]]
            as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) throws {
        let quoted = [0x22] + bytes + [0x22]
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: quoted) }
        #expect(error.reason == .invalidUTF8)
        #expect(error.offset == 1)
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func `nesting is bounded`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue(parsing: nested(128))
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: nested(129)) }
        #expect(error.reason == .tooDeep(limit: 128))
        #expect(error.column == 129)
        #expect(throws: JSONParseError.self) {
            try JSONValue(parsing: String(repeating: "{\"a\":[", count: 1_000_000))
        }
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: "[[]]", maximumDepth: 1) }
        _ = try JSONValue(parsing: "[[],[],{}]", maximumDepth: 2)
    }

    @Test func `text cut anywhere is refused, and never crashes`() throws {
        let text = #"{"a":[1.5e3,true,null,"x\ud83d\ude00é"],"b":{"c":false}}"#
        _ = try JSONValue(parsing: text)
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONParseError.self) { try JSONValue(parsing: bytes[..<length]) }
        }
    }

    @Test func `random edits of valid text are read or refused, and what is read survives writing`() throws {
        let text = Array(#"{"a":[1.5e3,true,null,"x\ud83d\ude00é"],"b":{"c":false,"d":-12}}"#.utf8)
        var generator = SeededGenerator(state: 3)
        var accepted = 0
        for _ in 0..<20_000 {
            var edited = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<edited.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: edited[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: edited.remove(at: place)
                default: edited.insert(edited.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            guard let value = try? JSONValue(parsing: edited) else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: value.encoded()) == value)
        }
        #expect(accepted > 100)
    }
}
