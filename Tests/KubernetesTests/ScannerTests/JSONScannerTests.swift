import JSON
import Testing

@testable import Kubernetes

@Suite struct JSONScannerTests {
    static let texts = [
        "{}", "[]", "null", "true", "-0.5e+3", "\"\"", " { \"a\" : [ 1 , { } ] , \"b\" : \"\\u00e9\\n\" } ",
        "[[],{}]",
        "", "{", "}", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "-", "+1", "1e",
        "tru", "nul",
        "\"", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "[1 2]", "{\"a\":1 \"b\":2}", "1 1", "[1]]", "'a'", "NaN",
    ]

    @Test("the same texts are JSON for the scanner as for the parser", arguments: texts)
    func validity(text: String) {
        let isJSON = (try? JSONValue(parsing: text)) != nil
        let scanned = Result {
            try JSONScanner.scan(Array(text.utf8)) { (scanner) throws(JSONScanError) in
                try scanner.skipValue()
                try scanner.end()
            }
        }
        let isScanned = (try? scanned.get()) != nil
        #expect(isScanned == isJSON)
    }

    @Test func `members are read or stepped over`() throws {
        let text =
            #"{"skip": {"name": "x"}, "na\u006de": "a\"b", "count": 3, "flag": true, "none": null, "list": [1, 2]}"#
        var name = ""
        var count: Int64 = 0
        var flag = false
        var none: String?? = "x"
        var elements: [Int64] = []
        try JSONScanner.scan(Array(text.utf8)) { (scanner) throws(JSONScanError) in
            try scanner.object { (key, scanner) throws(JSONScanError) in
                switch key {
                case "name": name = try scanner.string()
                case "count": count = try scanner.integer()
                case "flag": flag = try scanner.boolean()
                case "none": none = try scanner.optionalString()
                case "list":
                    try scanner.array { (scanner) throws(JSONScanError) in
                        elements.append(try scanner.integer())
                    }
                default: break
                }
            }
        }
        #expect(name == "a\"b")
        #expect(count == 3)
        #expect(flag)
        #expect(none == .some(nil))
        #expect(elements == [1, 2])
    }

    @Test func `another kind of value than was asked for is an error with its place`() {
        #expect(throws: JSONScanError(expected: "a string", offset: 5)) {
            try JSONScanner.scan(Array(#"{"a":1}"#.utf8)) { (scanner) throws(JSONScanError) in
                try scanner.object { (_, scanner) throws(JSONScanError) in _ = try scanner.string() }
            }
        }
    }

    @Test func `half a surrogate pair becomes a replacement character`() {
        #expect(unescapedJSON(#"a\ud800b\n"#) == "a\u{FFFD}b\n")
        #expect(unescapedJSON(#"\ud83d\ude80"#) == "🚀")
    }

    @Test func `values nested too deep are refused`() {
        let text = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(throws: JSONScanError.self) {
            try JSONScanner.scan(Array(text.utf8)) { (scanner) throws(JSONScanError) in
                _ = try scanner.skipValue()
            }
        }
    }
}
