import KubernetesSchema
import Testing

@Suite struct SchemaPatternTests {
    @Test(arguments: [
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", ["a", "a-b", "a0"], ["", "-a", "a-", "A"]),
        ("^(Always|Never)$", ["Always", "Never"], ["Sometimes", "AlwaysNever"]),
        (#"^\d{2,3}$"#, ["12", "123"], ["1", "1234", "ab"]),
        (#"^\d{2,}$"#, ["12", "12345"], ["1"]),
        (#"^[^\s/]+$"#, ["abc"], ["a b", "a/b"]),
        ("b+", ["abc"], ["ac"]),
        ("^$", [""], ["x"]),
        ("(?i)^abc$", ["ABC", "abc"], ["abd"]),
        (#"^\p{Lu}\pL*$"#, ["Ärger"], ["ärger"]),
        ("^[[:alpha:]_-]+$", ["a_-"], ["1"]),
        (#"\bfoo\b"#, ["a foo b"], ["afoo"]),
        (#"^(([0-9]+(\.[0-9]+)?(s|m|h))+)$"#, ["1h30m", "1.5s"], ["1", "h"]),
        ("^a{x}$", ["a{x}"], ["ax"]),
        (#"^\x41\x{e9}$"#, ["Aé"], ["A"]),
        (#"^\Qa.b\E$"#, ["a.b"], ["axb"]),
        ("^[]a]$", ["]", "a"], ["b"]),
        ("(?s)^a.b$", ["a\nb"], ["ab"]),
        ("^a.b$", ["axb"], ["a\nb"]),
    ])
    func whatGoTakesMatches(_ pattern: String, _ matching: [String], _ others: [String]) throws {
        let compiled = try #require(SchemaPattern(pattern))
        for text in matching { #expect(compiled.matches(text), "\(pattern) \(text)") }
        for text in others { #expect(!compiled.matches(text), "\(pattern) \(text)") }
    }

    @Test(arguments: [
        "(", ")", "[a", "a**", "*a", "a{2,1}", "a{1001}", #"\1"#, "(?=a)", #"\pX"#, "[z-a]",
        "((((a{99}){99}){99}){99})", "((){1000}){1000}",
    ])
    func whatGoRefusesIsNoPattern(_ pattern: String) {
        #expect(SchemaPattern(pattern) == nil)
    }

    @Test func manyWaysToMatchTakeNoLonger() throws {
        let compiled = try #require(SchemaPattern("^(a*)*(a*)*(a|aa)+$"))
        let text = String(repeating: "a", count: 5000)
        #expect(compiled.matches(text))
        #expect(!compiled.matches(text + "b"))
    }
}
