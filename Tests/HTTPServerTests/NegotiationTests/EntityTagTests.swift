import Testing

@testable import HTTPServer

@Suite("If-None-Match")
struct EntityTagTests {
    /// RFC 9110 §8.8.3.2's table, and lists.
    @Test(
        "tags match when they are equal but for their weakness",
        arguments: [
            ("W/\"1\"", "W/\"1\""), ("W/\"1\"", "\"1\""), ("\"1\"", "W/\"1\""), ("\"1\"", "\"1\""),
            ("\"xyzzy\"", "\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\""), ("\"c\"", "\"a\",\"b\" ,\t\"c\""),
            ("\"a,b\"", "\"x\", \"a,b\""), ("\"\"", "\"\""), ("\"a\\\"", "\"a\\\", \"b\""),
            ("\"b\"", "\"a\\\", \"b\""),
            ("\"1\"", "*"), ("\"1\"", " * "), ("\"1\"", ",, \"1\" ,"), ("\"é\"", "\"é\""),
        ]
    )
    func matching(tag: String, list: String) {
        #expect(EntityTag.matchesWeakly(tag.utf8, in: list.utf8))
    }

    @Test(
        "other tags, and every list that is malformed, match nothing",
        arguments: [
            ("W/\"1\"", "W/\"2\""), ("\"1\"", "\"11\""), ("\"a\"", "\"A\""), ("\"b\"", "\"a,b\""),
            ("\"1\"", ""),
            ("\"1\"", "1"), ("\"1\"", "\"1"), ("\"1\"", "1\""), ("\"1\"", "w/\"1\""), ("\"1\"", "W/ \"1\""),
            ("\"1\"", "\"1\" \"2\""), ("\"1\"", "\"1\", junk"), ("\"1\"", "junk, \"1\""),
            ("\"1\"", "\"1\", *"),
            ("\"1\"", "\"1\"\"2\""), ("\"1\"", "**"), ("\"a b\"", "\"a b\""), ("\"1\"", "W/"),
            ("\"1\"", "\""),
            ("1", "*"), ("", ""), ("\"1\"x", "\"1\""),
        ]
    )
    func notMatching(tag: String, list: String) {
        #expect(!EntityTag.matchesWeakly(tag.utf8, in: list.utf8))
    }

    @Test(
        "control bytes inside a tag make the list malformed",
        arguments: [0x00, 0x09, 0x1F, 0x20, 0x7F] as [UInt8]
    )
    func controlBytes(byte: UInt8) {
        let tag: [UInt8] = [0x22, byte, 0x22]
        #expect(!EntityTag.matchesWeakly(tag, in: tag))
    }
}
