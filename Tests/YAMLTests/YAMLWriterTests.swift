import JSON
import Testing
import YAML

@Suite struct YAMLWriterTests {
    @Test func `a document is laid out as kubectl lays it out`() {
        let value: JSONValue = [
            "apiVersion": "v1", "count": 3, "empty": [:], "none": [], "nothing": .null,
            "items": [["name": "a", "nested": [[1, 2], ["x": true]]], "plain"],
            "script": "one\n  two\n", "ratio": 0.5,
        ]
        #expect(
            value.yaml == """
                apiVersion: v1
                count: 3
                empty: {}
                none: []
                nothing: null
                items:
                - name: a
                  nested:
                  - - 1
                    - 2
                  - x: true
                - plain
                script: |
                  one
                    two
                ratio: 0.5

                """
        )
    }

    static let strings = [
        "", " ", "a", "a b", " a", "a ", "true", "Yes", "no", "null", "~", "12", "1.5", "1e3", "0x1F", "0o7",
        "-1", "+1", ".5",
        "2026-11-21", "2026-11-21T04:50:44Z", "12:30:45", "1_000", "10.0.0.1", "v1.2", "8gi-disk", "- a",
        "a: b", "a:",
        "a #b", "#a", "a#b", "{a}", "[a]", "*a", "&a", "!a", "|", ">", "'a'", "\"a\"", "%a", "@a", "`a`", "?",
        "? a", "<<",
        "https://host:443/a?b=c", "app.kubernetes.io/name", "/var/lib", "a\\b", "tab\there", "a\nb", "a\nb\n",
        "a\n\n\nb\n\n\n",
        "\n", "\na", " a\nb", "a\n b", "a\r\nb", "a\n---\nb", "a\n#b\n", "a \nb ", "\u{7F}", "\u{85}",
        "\u{2028}", "\u{FEFF}a",
        "\u{0}", "größe", "日本", "🚀", "a\n🚀", "=", "---", "...", "0b1", "1e", "NaN", ".nan", ".inf", "1,000",
        "e3", "on",
    ]

    @Test("each string is read back as it was, as a value, a key and an element", arguments: strings)
    func roundTrip(string: String) throws {
        let value: JSONValue = .object(
            {
                var members = JSONMembers()
                members["outer"] = [.string(string), [.string(string)]]
                members[string] = .string(string)
                return members
            }()
        )
        #expect(try YAMLNode(parsing: value.yaml).json == value)
        #expect(try YAMLNode(parsing: JSONValue.string(string).yaml).json == .string(string))
    }

    @Test func `what readers of YAML 1.1 take for something else is quoted`() {
        for string in ["yes", "Off", "12:30:45", "1_000", "2026-11-21", "0b1", "017", "="] {
            #expect(JSONValue.string(string).yaml == "\"\(string)\"\n")
        }
    }
}
