import Testing

@testable import HTTPServer

@Suite("Accept")
struct AcceptTests {
    /// RFC 9110 §12.5.1, with the parameters that no answer here carries left to the ranges that name them.
    static let rfcExample =
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"

    @Test(
        "the range that names the type most closely decides",
        arguments: [
            (rfcExample, "text/plain", 700), (rfcExample, "text/html", 300), (rfcExample, "image/jpeg", 500),
            ("audio/*; q=0.2, audio/basic", "audio/basic", 1000),
            ("audio/*; q=0.2, audio/basic", "audio/mpeg", 200),
            ("audio/*; q=0.2, audio/basic", "text/html", 0),
            ("*/*, application/json;q=0", "application/json", 0),
            ("application/*;q=0, */*", "application/json", 0),
            ("application/json;q=0.2, */*;q=0.9", "application/json", 200),
            ("application/json;q=0.1, application/json;q=0.4", "application/json", 400),
        ]
    )
    func precedence(value: String, mediaType: String, quality: Int) {
        #expect(Accept.quality(of: mediaType, in: value.utf8) == quality)
    }

    @Test(
        "a type is allowed by its own name, its type and */*, in any case",
        arguments: [
            "*/*", "application/*", "application/json", "APPLICATION/JSON", "Application/*;Q=0.1",
            "text/html, application/json", "text/html,*/*;q=0.8", "application/json;charset=utf-8",
            "application/json ; CharSet=\"utf-8\" ; q=0.001", ", ,application/json",
            "a/b;x=\",\", application/json",
        ]
    )
    func allowed(value: String) {
        #expect(Accept.allows("application/json", in: value.utf8))
    }

    @Test(
        "a type is not allowed when nothing names it, or its quality is 0",
        arguments: [
            "text/html", "text/*", "application/xml", "application/json;q=0", "*/*;q=0", "application/js",
            "application/jsonp", "app/*", "applicationx/*", "*/json", "application/json;version=2",
            "text/html, b/c;q=z",
        ]
    )
    func refused(value: String) {
        #expect(!Accept.allows("application/json", in: value.utf8))
    }

    @Test(
        "a value in which nothing can be read restricts nothing",
        arguments: ["", " ", ",,,", ";;;", "json", "*", "application/json;q=banana", ";q=0"]
    )
    func unreadable(value: String) {
        #expect(Accept.allows("application/json", in: value.utf8))
    }

    @Test(
        "of what is offered, the most welcome is chosen, the earlier of equals, and nothing where nothing is allowed"
    )
    func preference() {
        let offered = ["application/json", "text/event-stream", "text/plain"]
        #expect(Accept.preferred(of: offered, in: "*/*".utf8) == "application/json")
        #expect(Accept.preferred(of: offered, in: "text/*".utf8) == "text/event-stream")
        #expect(
            Accept.preferred(of: offered, in: "text/*;q=0.9, application/json;q=0.8".utf8)
                == "text/event-stream"
        )
        #expect(Accept.preferred(of: offered, in: "text/plain, */*;q=0.1".utf8) == "text/plain")
        #expect(Accept.preferred(of: offered, in: "image/png".utf8) == nil)
        #expect(Accept.preferred(of: [], in: "*/*".utf8) == nil)
    }
}
