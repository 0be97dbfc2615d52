/// Request targets that are malformed, or that name what the server is not.
extension RefusedRequest {
    static let targets: [RefusedRequest] =
        [
            "text", "?a=b", "*", "//localhost\u{E9}/", "/a\"b", "/a<b", "/a>b", "/a{b}", "/a|b", "/a\\b",
            "/a^b",
            "/a`b", "/a[b]", "/\u{E9}", "/text#top", "/text?a#top", "/text?a=\"b\"", "/text?a=<b>",
            "/text?\u{E9}",
            "/te\txt", "/te\u{7F}xt", "/te\0xt",
        ]
        .map { .target($0) }

    static let escapes: [RefusedRequest] =
        [
            "/%", "/%2", "/%zz", "/%2g", "/%g2", "/text%", "/%%41", "/%00", "/text%00", "/text?a=%",
            "/text?a=%4", "/text?a=%g1",
        ]
        .map { .target($0) }

    static let dotSegments: [RefusedRequest] =
        [
            "/.", "/..", "/./text", "/../text", "/text/.", "/text/..", "/files/../text", "/%2e",
            "/%2E%2e/text",
            "/.%2e/text", "/%2e./text", "/files/%2e%2e/etc/passwd", "/text/..?a=b",
        ]
        .map { .target($0) }

    static let authorities: [RefusedRequest] = [
        .target("http://localhost:1/text"),
        .target("http://localhost/text"),
        .target("http://other.example/text"),
        .target("http://user@localhost/text"),
        .target("http:///text"),
        .target("http://?a"),
        .target("http://localhost:99999/text"),
        .target("http:/text"),
        .target("https://localhost/text"),
        .target("ftp://localhost/text"),
        .target("http://"),
        .target("localhost:80"),
        .line("CONNECT", "CONNECT localhost:443 HTTP/1.1", status: 501, code: "NOT_IMPLEMENTED"),
    ]
}
