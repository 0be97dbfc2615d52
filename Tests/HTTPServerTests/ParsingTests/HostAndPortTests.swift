import Testing

@testable import HTTPServer

@Suite struct HostAndPortTests {
    @Test(
        arguments: [
            ("a", "a", nil, false), ("a.b-c_d~e", "a.b-c_d~e", nil, false), ("A:80", "A", 80, false),
            ("a:", "a", nil, false),
            ("a:0", "a", 0, false), ("a:65535", "a", 65535, false), ("a:00080", "a", 80, false),
            ("a%20b", "a%20b", nil, false),
            ("127.0.0.1", "127.0.0.1", nil, true), ("127.0.0.1:8", "127.0.0.1", 8, true),
            ("[::1]", "[::1]", nil, true),
            ("[::1]:80", "[::1]", 80, true), ("[::ffff:1.2.3.4]:", "[::ffff:1.2.3.4]", nil, true),
        ] as [(String, String, UInt16?, Bool)]
    )
    func `a host with or without a port`(
        _ text: String,
        _ host: String,
        _ port: UInt16?,
        _ isAddress: Bool
    ) throws {
        let bytes = Array("..\(text)..".utf8)
        let found = HostAndPort(bytes.span, ByteRange(2, bytes.count - 2))
        let parsed = try #require(found)
        #expect(String(decoding: bytes[parsed.host.bounds], as: UTF8.self) == host)
        #expect(parsed.port == port)
        #expect(parsed.isAddress == isAddress)
    }

    @Test(arguments: [
        "", ":", ":80", "a b", "a/b", "a@b", "a?b", "a#b", "a:b", "a:-1", "a:65536", "a:123456", "a:8:0", "[",
        "[]", "[::1",
        "::1", "[::1]a", "[::g]", "[1]", "[1:2", "a%", "a%2", "a%zz", "[::1%25eth0]", "a\\b", "é",
    ])
    func `what is no host is refused`(_ text: String) {
        let bytes = Array(text.utf8)
        let found = HostAndPort(bytes.span, ByteRange(0, bytes.count))
        #expect(found == nil)
    }
}
