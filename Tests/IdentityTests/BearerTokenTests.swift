import Testing

@testable import Identity

struct BearerTokenTests {
    @Test("a bearer token is taken whatever the case of its scheme, and never shown")
    func taken() throws {
        let token = try #require(BearerToken(authorization: "bEaReR  abc.def-ghi_~+/=="))
        #expect(token.text == "abc.def-ghi_~+/==")
        #expect(!"\(token) \(String(reflecting: token))".contains("abc"))
        #expect(token.digest == TokenDigest("abc.def-ghi_~+/==".utf8))
        #expect(token.digest != TokenDigest("abc.def-ghi_~+/=".utf8))
    }

    @Test(
        "what is no bearer token is not taken",
        arguments: [
            "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer ä", "Bearer \u{1}", "Bearerabc",
        ]
    )
    func refused(field: String) {
        #expect(BearerToken(authorization: field) == nil)
    }
}
