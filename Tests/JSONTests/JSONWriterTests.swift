import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func `commas separate members and elements and nothing else`() {
        let text = jsonText { writer in
            writer.object { writer in
                writer.key("a")
                writer.array { writer in
                    writer.integer(1)
                    writer.array { _ in }
                    writer.object { _ in }
                    writer.null()
                }
                writer.key("b" as String)
                writer.bool(true)
                writer.key("c")
                writer.object { writer in
                    writer.key("d")
                    writer.raw(Array("[1,2]".utf8))
                    writer.key("e")
                    writer.bool(false)
                }
            }
        }
        #expect(text == #"{"a":[1,[],{},null],"b":true,"c":{"d":[1,2],"e":false}}"#)
    }

    @Test func `an error thrown inside an object comes out`() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            var writer = JSONWriter()
            try writer.object { _ in throw Refusal() }
        }
    }

    @Test func `strings are escaped as RFC 8259 wants`() {
        #expect(jsonText { $0.string("a\"b\\c/d" as String) } == #""a\"b\\c/d""#)
        #expect(jsonText { $0.string("\u{8}\t\n\u{C}\r" as StaticString) } == #""\b\t\n\f\r""#)
        #expect(jsonText { $0.string("\u{0}\u{1F}\u{7F}" as String) } == "\"\\u0000\\u001f\u{7F}\"")
        #expect(jsonText { $0.string("é€😀\u{2028}" as String) } == "\"é€😀\u{2028}\"")
        #expect(jsonText { $0.key("k\n\"") } == #""k\n\"":"#)
    }

    @Test func `an escape is found at every offset of a long string`() {
        for special in ["\"", "\\", "\n", "\u{1F}", "é", "😀"] {
            for offset in 0..<40 {
                let value =
                    String(repeating: "x", count: offset) + special
                    + String(repeating: "~", count: 40 - offset)
                let text = jsonText { $0.string(value) }
                #expect((try? JSONValue(parsing: text)) == .string(value))
            }
        }
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"),
            ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),
            ([0xE2, 0x82], "\u{FFFD}"),
            ([0xE2, 0x82, 0x22], "\u{FFFD}\\\""),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
            ([0xF0, 0x9F, 0x98, 0x80], "😀"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0x80], "\u{FFFD}"),
        ] as [([UInt8], String)]
    )
    func `ill-formed UTF-8 becomes U+FFFD`(bytes: [UInt8], inside: String) {
        let text = bytes.withUnsafeBytes { bytes in jsonText { $0.string(utf8: bytes) } }
        #expect(text == "\"\(inside)\"")
    }

    @Test func `random bytes become the same string as the standard library makes of them`() {
        var generator = SeededGenerator(state: 7)
        for _ in 0..<2000 {
            let length = Int.random(in: 0...24, using: &generator)
            let bytes = (0..<length).map { _ in
                [UInt8.random(in: 0...255, using: &generator), 0x22, 0xE2, 0x82, 0xF0, 0x9F, 0x41]
                    .randomElement(using: &generator) ?? 0
            }
            let text = bytes.withUnsafeBytes { bytes in jsonText { $0.string(utf8: bytes) } }
            #expect((try? JSONValue(parsing: text)) == .string(String(decoding: bytes, as: UTF8.self)))
        }
    }

    @Test func `integers of every width are written in decimal`() {
        #expect(jsonText { $0.integer(0) } == "0")
        #expect(jsonText { $0.integer(-7 as Int8) } == "-7")
        #expect(jsonText { $0.integer(Int64.min) } == "-9223372036854775808")
        #expect(jsonText { $0.integer(Int64.max) } == "9223372036854775807")
        #expect(jsonText { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(jsonText { $0.integer(Int128.max) } == "170141183460469231731687303715884105727")
    }

    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-2.5, "-2.5"), (0.1, "0.1"), (0.000001, "0.000001"),
        (1e-7, "1e-07"), (0.1 + 0.2, "0.30000000000000004"), (123_456.789, "123456.789"), (1e300, "1e+300"),
        (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        (100, "100.0"),
        (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
    ])
    func `numbers are written in their shortest form`(value: Double, text: String) {
        #expect(jsonText { $0.double(value) } == text)
    }

    @Test func `every finite number reads back as itself`() {
        var generator = SeededGenerator(state: 11)
        for round in 0..<20_000 {
            let value =
                switch round % 3 {
                case 0: Double(bitPattern: generator.next())
                case 1: Double(Int64.random(in: -10_000_000_000...10_000_000_000, using: &generator)) / 1e4
                default: Double.random(in: -1e10...1e10, using: &generator)
                }
            guard value.isFinite else { continue }
            let text = jsonText { $0.double(value) }
            #expect(Double(text) == value)
            #expect(text.utf8.count <= value.description.utf8.count + 5)
        }
    }

    @Test func `a writer appends to a buffer or reuses one`() {
        var appending = JSONWriter(appendingTo: Array("data: ".utf8))
        appending.bool(true)
        #expect(appending.bytes == Array("data: true".utf8))

        var old: [UInt8] = []
        old.reserveCapacity(4096)
        old.append(contentsOf: "old".utf8)
        var reusing = JSONWriter(reusing: old)
        reusing.reserve(10)
        reusing.null()
        #expect(reusing.take() == Array("null".utf8))
        reusing.integer(1)
        #expect(reusing.take() == [0x31])
    }
}
