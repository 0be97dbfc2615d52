/// Bodies whose end is not told, or told in two ways, RFC 9112 §6.3 and §7.1.
extension RefusedRequest {
    static let lengths: [RefusedRequest] = [
        .framing("Content-Length and Transfer-Encoding", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        .framing("Transfer-Encoding and Content-Length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        .framing("Content-Length twice, equal", "Content-Length: 5\r\nContent-Length: 5"),
        .framing("Content-Length twice, different", "Content-Length: 5\r\nContent-Length: 6"),
        .framing("list of Content-Lengths", "Content-Length: 5, 5"),
        .framing("Content-Length with plus", "Content-Length: +5"),
        .framing("Content-Length with minus", "Content-Length: -5"),
        .framing("hexadecimal Content-Length", "Content-Length: 0x5"),
        .framing("fractional Content-Length", "Content-Length: 5.0"),
        .framing("two numbers in Content-Length", "Content-Length: 5 5"),
        .framing("empty Content-Length", "Content-Length:"),
        .framing("words for Content-Length", "Content-Length: five"),
        .framing("Content-Length of 2^63", "Content-Length: 9223372036854775808"),
        .framing("Content-Length of 2^64", "Content-Length: 18446744073709551616"),
        .framing("Content-Length of 2^64 + 5", "Content-Length: 18446744073709551621"),
        .framing("Content-Length of 40 digits", "Content-Length: " + String(repeating: "9", count: 40)),
        .framing("digits of another script in Content-Length", "Content-Length: \u{FF15}"),
    ]

    static let codings: [RefusedRequest] = [
        .framing("Transfer-Encoding in HTTP/1.0", "Transfer-Encoding: chunked", version: "1.0"),
        .framing("chunked twice", "Transfer-Encoding: chunked, chunked"),
        .framing("chunked on two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        .framing("chunked not last", "Transfer-Encoding: chunked, gzip"),
        .framing("chunked not at all", "Transfer-Encoding: gzip"),
        .framing("identity", "Transfer-Encoding: identity"),
        .framing("chunked, then identity", "Transfer-Encoding: chunked, identity"),
        .framing("empty Transfer-Encoding", "Transfer-Encoding:"),
        .framing("empty element last", "Transfer-Encoding: chunked,"),
        .framing("empty element first", "Transfer-Encoding: , chunked"),
        .framing("empty line first", "Transfer-Encoding:\r\nTransfer-Encoding: chunked"),
        .framing("parameter on chunked", "Transfer-Encoding: chunked;a=b"),
        .framing("quoted chunked", "Transfer-Encoding: \"chunked\""),
        .framing("prefix on chunked", "Transfer-Encoding: xchunked"),
        .framing("chunked with a Kelvin sign for k", "Transfer-Encoding: chun\u{212A}ed"),
        .framing(
            "an unknown coding before chunked",
            "Transfer-Encoding: gzip, chunked",
            status: 501,
            code: "NOT_IMPLEMENTED"
        ),
        .framing(
            "an unknown coding on a line before chunked",
            "Transfer-Encoding: br\r\nTransfer-Encoding: chunked",
            status: 501,
            code: "NOT_IMPLEMENTED"
        ),
    ]

    static let chunks: [RefusedRequest] = [
        .chunks("no chunk size", "\r\nhello\r\n0\r\n\r\n"),
        .chunks("chunk size with a letter", "g\r\nhello\r\n0\r\n\r\n"),
        .chunks("signed chunk size", "+5\r\nhello\r\n0\r\n\r\n"),
        .chunks("negative chunk size", "-5\r\nhello\r\n0\r\n\r\n"),
        .chunks("chunk size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        .chunks("space before the chunk size", " 5\r\nhello\r\n0\r\n\r\n"),
        .chunks("space after the chunk size", "5 \r\nhello\r\n0\r\n\r\n"),
        .chunks("two chunk sizes", "5 5\r\nhello\r\n0\r\n\r\n"),
        .chunks("chunk size of 2^64", "10000000000000000\r\nhello\r\n0\r\n\r\n"),
        .chunks("chunk size of 2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        .chunks("chunk size of 2^64 - 1", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        .chunks("bare LF after the chunk size", "5\nhello\r\n0\r\n\r\n"),
        .chunks("bare CR after the chunk size", "5\rhello\r\n0\r\n\r\n"),
        .chunks("chunk longer than its size", "5\r\nhello!\r\n0\r\n\r\n"),
        .chunks("chunk ends with LF", "5\r\nhello\n0\r\n\r\n"),
        .chunks("chunk ends with CR", "5\r\nhello\r0\r\n\r\n"),
        .chunks("chunk without an end", "5\r\nhello0\r\n\r\n"),
        .chunks("bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"),
        .chunks("bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        .chunks("NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"),
        .chunks("last chunk ends with LF", "5\r\nhello\r\n0\n\r\n"),
        .chunks("trailer section ends with LF", "5\r\nhello\r\n0\r\n\n"),
        .chunks("trailer section ends with CR", "5\r\nhello\r\n0\r\n\rGET"),
        .chunks("request in place of the trailer section", "5\r\nhello\r\n0\r\nGET / HTTP/1.1\r\n\r\n"),
        .chunks("folded trailer", "5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n"),
        .chunks("empty trailer name", "5\r\nhello\r\n0\r\n: b\r\n\r\n"),
        .chunks("space before a trailer's colon", "5\r\nhello\r\n0\r\nX-A : b\r\n\r\n"),
        .chunks("control byte in a trailer", "5\r\nhello\r\n0\r\nX-A: \u{1}\r\n\r\n"),
        .chunks("bare LF after a trailer", "5\r\nhello\r\n0\r\nX-A: b\n\r\n"),
    ]

    static let tooLarge: [RefusedRequest] = [
        .framing(
            "Content-Length over the server's limit",
            "Content-Length: 4194305",
            status: 413,
            code: "PAYLOAD_TOO_LARGE"
        ),
        .chunks("chunk over the server's limit", "400001\r\n", status: 413, code: "PAYLOAD_TOO_LARGE"),
        .chunks("largest chunk size there is", "fffffffffffffff\r\n", status: 413, code: "PAYLOAD_TOO_LARGE"),
        .init(
            "Content-Length over the route's limit",
            Requests.request("PUT", "/bytes", body: "hello, limit"),
            status: 413,
            code: "PAYLOAD_TOO_LARGE"
        ),
        .init(
            "chunks over the route's limit together",
            Requests.request("PUT", "/bytes", ["Transfer-Encoding: chunked"])
                + "8\r\nhello, l\r\n8\r\nimit....\r\n0\r\n\r\n",
            status: 413,
            code: "PAYLOAD_TOO_LARGE"
        ),
    ]
}
