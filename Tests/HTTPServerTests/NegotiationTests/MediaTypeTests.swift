import Testing

@testable import HTTPServer

@Suite("Media types")
struct MediaTypeTests {
    /// RFC 9110 §8.3.1 says that these four mean the same.
    @Test(
        "case, white space and quotes around a parameter do not matter",
        arguments: [
            "text/html;charset=utf-8", "Text/HTML;Charset=\"utf-8\"", "text/html; charset=\"utf-8\"",
            "text/html;charset=utf-8;", "text/html \t;; charset=utf-8",
            " text/html;charset=utf-8;charset=latin1 ",
        ]
    )
    func equivalent(value: String) throws {
        let type = try #require(MediaType(value.utf8))
        #expect(type.type == "text")
        #expect(type.subtype == "html")
        #expect(type.parameters == ["charset": "utf-8"])
    }

    @Test("quoted values may hold separators and escaped bytes")
    func quoted() throws {
        let type = try #require(MediaType("multipart/form-data; boundary=\"a;b,\\\"c\\\\\"; x=\"\"".utf8))
        #expect(type.parameters == ["boundary": "a;b,\"c\\", "x": ""])
    }

    @Test("the case of a value is kept")
    func valueCase() throws {
        #expect(try #require(MediaType("a/b;x=Yz".utf8)).parameters == ["x": "Yz"])
    }

    @Test("suffixes and vendor names are tokens")
    func vendor() throws {
        #expect(try #require(MediaType("application/vnd.api+json".utf8)).subtype == "vnd.api+json")
    }

    @Test(
        "what is not one media type is refused",
        arguments: [
            "", " ", "text", "text/", "/html", "/", ";text/html", "text/html/x", "text /html", "text/ html",
            "text/html, text/plain", "text/html;charset", "text/html;=utf-8", "text/html;charset=",
            "text/html;charset =utf-8", "text/html;charset= utf-8", "text/html;charset=\"utf-8",
            "text/html;a=\"b\"c",
            "text/html;a=b c", "text/html;a=\"b\\\"", "te\u{0}xt/html", "tëxt/html", "\"text/html\"",
        ]
    )
    func malformed(value: String) {
        #expect(MediaType(value.utf8) == nil)
    }
}
