import HTTPClient
import HuggingFace
import Testing

@Suite struct CodeVerifierTests {
    @Test func `the challenge is that of RFC 7636, appendix B`() throws {
        let verifier = try #require(CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
        #expect(verifier.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test(
        "a verifier has 43 to 128 unreserved characters",
        arguments: [
            (String(repeating: "a", count: 42), false), (String(repeating: "a", count: 43), true),
            (String(repeating: "~", count: 128), true), (String(repeating: "a", count: 129), false),
            ("", false), (String(repeating: "a", count: 42) + "+", false),
            (String(repeating: "a", count: 42) + "é", false),
            ("AZaz09-._~" + String(repeating: "x", count: 33), true),
        ]
    )
    func syntax(text: String, isAllowed: Bool) {
        #expect((CodeVerifier(text) != nil) == isAllowed)
    }

    @Test func `new ones differ, are allowed, and show themselves nowhere`() throws {
        #expect(CodeVerifier.random() != CodeVerifier.random())
        let text = CodeVerifier.randomText()
        let verifier = try #require(CodeVerifier(text))
        #expect(!"\(verifier)".contains(text))
        #expect(!String(reflecting: verifier).contains(text))
        #expect(Mirror(reflecting: verifier).children.isEmpty)
    }
}
