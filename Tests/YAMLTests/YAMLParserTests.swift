import JSON
import Testing
import YAML

@Suite struct YAMLParserTests {
    static let scalars: [(String, JSONValue)] = [
        ("", .null), ("~", .null), ("null", .null), ("NULL", .null), ("nulL", "nulL"),
        ("true", true), ("False", false), ("yes", "yes"), ("on", "on"),
        ("0", 0), ("-12", -12), ("+12", 12), ("0o17", 15), ("0x1F", 31), ("017", 17), ("0x", "0x"),
        ("0x-1", "0x-1"),
        ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("1.5", 1.5), (".5", 0.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.e3", 1000.0),
        ("+1.5E-1", 0.15),
        (".", "."), ("1e", "1e"), ("1.2.3", "1.2.3"), ("12:30", "12:30"), ("1_000", "1_000"),
        ("'1'", "1"), ("\"true\"", "true"), ("!!str 12", "12"), ("! 12", "12"), ("!!float 1", .number(1)),
        ("!!int '7'", 7), ("a b", "a b"),
    ]

    @Test("scalars are read by the core schema", arguments: scalars)
    func scalar(text: String, value: JSONValue) throws {
        #expect(try YAMLNode(parsing: "key: \(text)\n").json == ["key": value])
    }

    @Test func `blocks, flows, quotes and comments make one document`() throws {
        let text = """
            # A comment
            clusters:
            - cluster: {server: "https://h:1", n: [1, 2]}  # here too
              name: a
            text: |
              one
                two
            folded: >-
              one
              two
            """
        #expect(
            try YAMLNode(parsing: text).json == [
                "clusters": [["cluster": ["server": "https://h:1", "n": [1, 2]], "name": "a"]],
                "text": "one\n  two\n", "folded": "one two",
            ]
        )
    }

    @Test func `aliases stand for what they name and merge keys yield to the mapping's own`() throws {
        let text = """
            base: &base {a: 1, b: 2}
            other: &other {b: 3, c: 4}
            one: *base
            two: {<<: *base, b: 5}
            three: {<<: [*base, *other]}
            """
        let json = try YAMLNode(parsing: text).json
        #expect(json["one"] == ["a": 1, "b": 2])
        #expect(json["two"] == ["a": 1, "b": 5])
        #expect(json["three"] == ["a": 1, "b": 2, "c": 4])
    }

    @Test func `a few lines of aliases cannot stand for billions of values`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<30 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(
            throws: YAMLError(
                "more than 1000000 values, with what aliases stand for",
                at: YAMLPosition(line: 6, column: 45)
            )
        ) {
            try YAMLNode(parsing: text)
        }
    }

    static let refused: [(String, String)] = [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key \"a\" appears twice in one mapping"),
        ("a: *b\n", "line 1, column 4: the alias *b names no finished node before it"),
        ("a: &a [*a]\n", "line 1, column 8: the alias *a names no finished node before it"),
        ("a: .inf\n", "line 1, column 4: .inf is a number that JSON cannot express"),
        ("a: 1e999\n", "line 1, column 4: 1e999 is a number that JSON cannot express"),
        ("a: !!int x\n", "line 1, column 4: \"x\" is not what its tag tag:yaml.org,2002:int says"),
        ("a: !mine x\n", "line 1, column 4: the tag !mine is not known"),
        ("? [a]\n: b\n", "line 1, column 3: a key that is no string, number or boolean"),
        ("a: 1\n---\nb: 2\n", "line 3, column 1: a second document, where one is expected"),
    ]

    @Test("what is wrong is named with its line and column", arguments: refused)
    func refusal(text: String, message: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLNode(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func `a text that is not YAML is refused where it goes wrong`() {
        let error = #expect(throws: YAMLError.self) { try YAMLNode(parsing: "a: b\nc: [1, 2\nd: e\n") }
        #expect(error?.position.line == 3)
    }

    @Test func `bytes that are no text are refused`() {
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: [0x61, 0x3A, 0x20, 0xFF, 0xFE]) }
    }

    @Test func `nesting deeper than the limit is refused, through aliases too`() {
        let deep = String(repeating: "[", count: 101) + String(repeating: "]", count: 101)
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: deep) }
        let text = "a: &a [[[1]]]\nb: [[[*a]]]\n"
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: text, limits: YAMLLimits(depth: 7)) }
        #expect(throws: Never.self) { try YAMLNode(parsing: text, limits: YAMLLimits(depth: 8)) }
    }

    @Test func `each place can be found by its path`() throws {
        let node = try YAMLNode(parsing: "a: 1\nlist:\n- x: 1\n- y: 2\n  z: 3\n")
        #expect(node.position(at: [.key("list"), .index(1), .key("z")]) == YAMLPosition(line: 5, column: 3))
        #expect(
            node.position(at: [.key("list"), .index(1), .key("none")]) == YAMLPosition(line: 4, column: 3)
        )
        #expect([YAMLNode.Step.key("list"), .index(1), .key("z")].pathDescription == "list[1].z")
    }

    @Test func `a stream has any number of documents`() throws {
        #expect(
            try YAMLNode.documents(in: Array("a: 1\n---\n- 2\n...\n".utf8)).map(\.json) == [["a": 1], [2]]
        )
        #expect(try YAMLNode.documents(in: []).isEmpty)
        #expect(try YAMLNode(parsing: "# nothing\n").json == .null)
    }
}
