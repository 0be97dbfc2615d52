/// Heads that RFC 9112 has a server refuse.
extension RefusedRequest {
    static let lineEnds: [RefusedRequest] = [
        .init("bare LF everywhere", "GET /text HTTP/1.1\nHost: localhost\n\n"),
        .init("bare LF after the request line", "GET /text HTTP/1.1\nHost: localhost\r\n\r\n"),
        .init("bare LF after a field", "GET /text HTTP/1.1\r\nHost: localhost\n\r\n"),
        .init("bare LF as the empty line", "GET /text HTTP/1.1\r\nHost: localhost\r\n\n"),
        .init("bare LF before the request line", "\nGET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        .init("bare CR before the request line", "\rGET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        .init("bare CR in the request line", "GET /te\rxt HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        .init("bare CR after the request line", "GET /text HTTP/1.1\rHost: localhost\r\n\r\n"),
        .init("CR CR LF", "GET /text HTTP/1.1\r\r\nHost: localhost\r\n\r\n"),
        .field("bare CR in a value", "X-A: b\rc"),
        .field("bare LF in a value", "X-A: b\nX-B: c"),
        .init("three empty lines first", "\r\n\r\n\r\nGET /text HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ]

    static let fields: [RefusedRequest] = [
        .field("folded with a space", "X-A: b\r\n c"),
        .field("folded with a tab", "X-A: b\r\n\tc"),
        .field("folded before a colon", "X-A\r\n : b"),
        .field("space before the colon", "X-A : b"),
        .field("tab before the colon", "X-A\t: b"),
        .host("space before the colon of Host", "Host : localhost\r\n"),
        .init("space before the first field", "GET /text HTTP/1.1\r\n Host: localhost\r\n\r\n"),
        .init("tab before the first field", "GET /text HTTP/1.1\r\n\tHost: localhost\r\n\r\n"),
        .field("empty name", ": b"),
        .field("no colon", "X-A"),
        .field("space in a name", "X A: b"),
        .field("parentheses in a name", "X(A): b"),
        .field("slash in a name", "X/A: b"),
        .field("letter beyond ASCII in a name", "X-\u{E9}: b"),
        .field("NUL in a name", "X\0A: b"),
        .field("NUL in a value", "X-A: b\0c"),
        .field("NUL at the end of a value", "X-A: b\0"),
        .field("control byte 1 in a value", "X-A: \u{1}"),
        .field("escape in a value", "X-A: \u{1B}[2J"),
        .field("vertical tab in a value", "X-A: a\u{B}b"),
        .field("DEL in a value", "X-A: b\u{7F}"),
    ]

    static let requestLines: [RefusedRequest] = [
        .line("no version", "GET /text"),
        .line("nothing but a method", "GET"),
        .line("space first", " GET /text HTTP/1.1"),
        .line("two spaces before the target", "GET  /text HTTP/1.1"),
        .line("two spaces before the version", "GET /text  HTTP/1.1"),
        .line("space at the end", "GET /text HTTP/1.1 "),
        .line("tabs between", "GET\t/text\tHTTP/1.1"),
        .line("illegal method", "G@T /text HTTP/1.1"),
        .line("empty target", "GET  HTTP/1.1"),
        .line("short version", "GET /text HTTP/1"),
        .line("long version", "GET /text HTTP/1.10"),
        .line("lower-case version", "GET /text http/1.1"),
        .line("another protocol", "GET /text RTSP/1.0"),
        .line("words for a version", "GET /text HTTP/x.y"),
        .line("NUL in the method", "G\0T /text HTTP/1.1"),
        .line("method of 65 letters", String(repeating: "M", count: 65) + " /text HTTP/1.1"),
        .init("TLS ClientHello", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]),
        .line(
            "HTTP/2 preface",
            "PRI * HTTP/2.0",
            status: 505,
            code: "HTTP_VERSION_NOT_SUPPORTED"
        ),
    ]

    static let versions: [RefusedRequest] = ["0.9", "1.2", "1.9", "2.0", "3.0", "9.9"].map { version in
        .line(
            "version \(version)",
            "GET /text HTTP/\(version)",
            status: 505,
            code: "HTTP_VERSION_NOT_SUPPORTED"
        )
    }

    static let hosts: [RefusedRequest] = [
        .host("no Host", ""),
        .host("two Hosts", "Host: localhost\r\nHost: localhost\r\n"),
        .host("two different Hosts", "Host: localhost\r\nhost: 127.0.0.1\r\n"),
        .host("empty Host", "Host:\r\n"),
        .host("Host of white space", "Host: \t \r\n"),
        .host("space in Host", "Host: local host\r\n"),
        .host("list in Host", "Host: localhost, localhost\r\n"),
        .host("path in Host", "Host: localhost/text\r\n"),
        .host("user in Host", "Host: user@localhost\r\n"),
        .host("scheme in Host", "Host: http://localhost\r\n"),
        .host("port without a host", "Host: :80\r\n"),
        .host("port above 65535", "Host: localhost:65536\r\n"),
        .host("port of six digits", "Host: localhost:000080\r\n"),
        .host("port with letters", "Host: localhost:8x\r\n"),
        .host("negative port", "Host: localhost:-1\r\n"),
        .host("two ports", "Host: localhost:80:80\r\n"),
        .host("open bracket", "Host: [::1\r\n"),
        .host("empty brackets", "Host: []\r\n"),
        .host("text after brackets", "Host: [::1]x\r\n"),
        .host("bad escape in Host", "Host: local%zzhost\r\n"),
    ]

    static let expectations: [RefusedRequest] = [
        .field("another expectation", "Expect: tea", status: 417, code: "EXPECTATION_FAILED"),
        .field(
            "one expectation more",
            "Expect: 100-continue, tea",
            status: 417,
            code: "EXPECTATION_FAILED"
        ),
        .field(
            "two expectations",
            "Expect: 100-continue\r\nExpect: 100-continue",
            status: 417,
            code: "EXPECTATION_FAILED"
        ),
    ]
}
