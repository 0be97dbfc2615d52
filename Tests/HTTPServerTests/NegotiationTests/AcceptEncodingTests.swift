import Testing

@testable import HTTPServer

@Suite("Accept-Encoding")
struct AcceptEncodingTests {
    @Test(
        "gzip is chosen where it is named or covered by * and no less welcome than the plain body",
        arguments: [
            "gzip", "GZip", "x-gzip", "gzip, deflate, br", "deflate,gzip;q=1.0", "*", "*;q=0.001",
            "gzip;q=0.5",
            "compress;q=0.5, gzip;q=1.0", "gzip;q=1.0, identity; q=0.5, *;q=0", "identity;q=0, gzip;q=0.001",
            "br, *;q=0.1", "gzip ; Q=0.8 , identity;q=0.8", ",,gzip,,", "\t gzip \t", "gzip;q=0., gzip;q=1.",
            "deflate;q=banana, gzip", "identity;q=0, *", "\"gzip, deflate\", gzip",
        ]
    )
    func wanted(value: String) {
        #expect(AcceptEncoding.prefersGzip(value.utf8))
    }

    @Test(
        "the plain body is chosen where gzip is not named, forbidden, less welcome or malformed",
        arguments: [
            "", " ", "identity", "deflate", "br, zstd", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
            "gzip;q=0.5, identity", "gzip;q=0.5, identity;q=0.6", "gzip;q=0.5, *;q=0.9", "gzip2", "gzi",
            ";q=1",
            "gzip;q=1.001", "gzip;q=2", "gzip;q=0.1234", "gzip;q=", "gzip;q", "gzip;q=-1", "gzip;q=1e0",
            "gzip;q=.5",
            "\"gzip", "\"gzip, x\"", "gzip deflate", "identity, *;q=0.5",
        ]
    )
    func unwanted(value: String) {
        #expect(!AcceptEncoding.prefersGzip(value.utf8))
    }

    @Test("bytes that are no text are read without harm")
    func obscureBytes() {
        #expect(!AcceptEncoding.prefersGzip([0xFF, 0x2C, 0x3B, 0x3D, 0x5C, 0x22, 0x5C]))
        #expect(AcceptEncoding.prefersGzip([0xFF, 0xFE, 0x2C] + Array("gzip".utf8)))
    }
}
