import HTTPClient
import Testing

@Suite struct PercentEncodingTests {
    @Test(
        "all but unreserved characters are encoded",
        arguments: [
            ("", ""), ("aZ09-._~", "aZ09-._~"), ("a b/c?d", "a%20b%2Fc%3Fd"), ("é🚀", "%C3%A9%F0%9F%9A%80"),
        ]
    )
    func encodes(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
    }

    @Test("a query has its parameters in order, names encoded as values are")
    func query() {
        #expect(PercentEncoding.query([("expand[]", "a&b"), ("limit", "5")]) == "expand%5B%5D=a%26b&limit=5")
        #expect(PercentEncoding.query([]) == "")
    }
}
