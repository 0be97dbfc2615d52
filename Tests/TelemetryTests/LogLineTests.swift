import JSON
import Logging
import Telemetry
import Testing

private let time = Timestamp(secondsSinceEpoch: 1_795_236_644, nanoseconds: 123_456_789)

private func line(
    _ format: LogFormat,
    _ message: String = "message",
    _ fields: (inout LogLine) -> Void = { _ in }
) -> String {
    var line = LogLine(format, level: .info, message: message, time: time)
    fields(&line)
    return String(decoding: line.finish(), as: UTF8.self)
}

@Suite struct LogLineTests {
    @Test func `a text line has time, level, message and fields`() {
        let text = line(.text, "server ready") { line in
            line.field("key", "value")
            line.field("key2", "quoted value")
            line.field("count", -3)
            line.field("big", UInt64.max)
            line.field("seconds", 0.0015, decimals: 3)
            line.field("ok", true)
            line.field("at", time)
        }
        #expect(
            text == "2026-11-21T04:50:44.123Z info server ready key=value key2=\"quoted value\" count=-3 "
                + "big=18446744073709551615 seconds=0.002 ok=true at=2026-11-21T04:50:44.123Z\n"
        )
    }

    @Test func `a JSON line is one object`() {
        let text = line(.json, "server \"ready\"") { line in
            line.field("key", "va\nlue")
            line.field("count", Int8.min)
            line.field("seconds", 12.5, decimals: 2)
            line.field("nan", .nan, decimals: 2)
            line.field("ok", false)
            line.field("at", time)
        }
        #expect(
            text == #"{"time":"2026-11-21T04:50:44.123Z","level":"info","message":"server \"ready\"","#
                + #""key":"va\nlue","count":-128,"seconds":12.50,"nan":null,"ok":false,"#
                + #""at":"2026-11-21T04:50:44.123Z"}"# + "\n"
        )
    }

    @Test(arguments: [
        ("", #""""#), ("plain", "plain"), ("/a/b?c&d", "/a/b?c&d"), (#"C:\x"#, #"C:\x"#), ("a b", #""a b""#),
        ("a=b", #""a=b""#), (#"a"b\"#, #""a\"b\\""#), ("a\nb\r\t", #""a\nb\r\t""#),
        ("\u{1B}[31m\u{7F}", #""\u001b[31m\u007f""#), ("é€😀", "\"é€😀\""),
        ("a\u{2028}b\u{85}", #""a\u2028b\u0085""#),
        ("\u{202E}evil", #""\u202eevil""#), ("\u{E0001}", #""\udb40\udc01""#),
    ])
    func `a text value that could mislead is quoted and escaped`(value: String, text: String) {
        #expect(line(.text) { $0.field("k", value) } == "2026-11-21T04:50:44.123Z info message k=\(text)\n")
    }

    @Test(arguments: [
        ("", #""""#), ("two words", "two words"), ("x key=value", #""x key=value""#), ("a\nb", #""a\nb""#),
        ("say \"hi\"", #""say \"hi\"""#), ("größer", #""größer""#),
    ])
    func `a message cannot pass for fields or for another record`(message: String, text: String) {
        #expect(line(.text, message) == "2026-11-21T04:50:44.123Z info \(text)\n")
    }

    @Test func `whatever the bytes, a record is one line, and its values read back`() throws {
        for first in UInt8.min...UInt8.max {
            for second in [0x00, 0x0A, 0x22, 0x5C, 0x80, 0xA8, 0xBF, 0xFF, 0x41] as [UInt8] {
                let bytes: [UInt8] = [0x61, first, second, 0x62]
                let expected = String(decoding: bytes, as: UTF8.self)
                for format in LogFormat.allCases {
                    let text = bytes.withUnsafeBytes { bytes in line(format) { $0.field("k", utf8: bytes) } }
                    #expect(text.utf8.count { $0 == 0x0A } == 1)
                    let json =
                        format == .json
                        ? try JSONValue(parsing: text)["k"]
                        : try JSONValue(parsing: quoted(text, after: "k="))
                    #expect(json == .string(expected))
                }
            }
        }
    }

    /// The value behind a key at the end of a text line as a JSON string, quoted when it is not yet.
    private func quoted(_ text: String, after key: String) throws -> String {
        let place = try #require(text.firstRange(of: " \(key)"))
        let value = text[place.upperBound...].dropLast()
        return value.hasPrefix("\"") ? String(value) : JSONValue.string(String(value)).description
    }

    @Test(arguments: [
        (0.0, 3, "0.000"), (1.0005, 2, "1.00"), (0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (-0.001, 2, "0.00"),
        (12.9, 0, "13"), (999_999_999.9996, 3, "1000000000.000"), (2e9, 3, "2000000000.0"),
        (.infinity, 1, "Inf"),
        (-.infinity, 1, "-Inf"), (.nan, 1, "NaN"), (1.5, 99, "1.500000000"), (1.5, -1, "2"),
    ])
    func `numbers have the decimals that were asked for`(value: Double, decimals: Int, text: String) {
        #expect(
            line(.text) { $0.field("n", value, decimals: decimals) }
                == "2026-11-21T04:50:44.123Z info message n=\(text)\n"
        )
    }

    @Test func `lines are appended to a lent buffer`() {
        var buffer: [UInt8] = []
        for level in Logger.Level.allCases {
            buffer = LogLine(.text, level: level, message: "m", time: time, appendingTo: buffer).finish()
        }
        let levels = String(decoding: buffer, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ")[1]
        }
        #expect(levels == ["trace", "debug", "info", "notice", "warning", "error", "critical"])
    }

    @Test func `nested metadata is flattened in text and nested in JSON`() {
        let metadata: Logger.MetadataValue = [
            "b": ["x", "y z", ["q": "1"]], "a": ["c": "d e", "n": .stringConvertible(7)],
        ]
        #expect(
            line(.text) { $0.field(metadata: "m", metadata) }
                == "2026-11-21T04:50:44.123Z info message m.a.c=\"d e\" m.a.n=7 "
                + #"m.b="[\"x\",\"y z\",{\"q\":\"1\"}]""# + "\n"
        )
        #expect(
            line(.json) { $0.field(metadata: "m", metadata) }
                == #"{"time":"2026-11-21T04:50:44.123Z","level":"info","message":"message","#
                + #""m":{"a":{"c":"d e","n":7},"b":["x","y z",{"q":"1"}]}}"# + "\n"
        )
    }

    @Test func `metadata keys can neither break a line nor repeat what the record has`() throws {
        let text = line(.text) { line in
            line.field(metadata: "a b\n=\"é", "1")
            line.field(metadata: "", "2")
            line.field(metadata: "time", "3")
        }
        #expect(text == "2026-11-21T04:50:44.123Z info message a_b_____=1 _=2 time_=3\n")
        let json = line(.json) { line in
            line.field(metadata: "a\n\"", "1")
            line.field(metadata: "message", "2")
        }
        let value = try JSONValue(parsing: json)
        #expect(value.objectValue?.keys == ["time", "level", "message", "a\n\"", "message_"])
    }
}
