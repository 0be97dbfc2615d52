import Testing

@testable import HTTPServer

@Suite struct QueryParametersTests {
    @Test func `the first value and all values of a name`() {
        let query = QueryParameters("a=1&b=2&a=3&c".utf8)
        #expect(query["a"] == "1")
        #expect(query.all("a") == ["1", "3"])
        #expect(query["c"] == "")
        #expect(query["d"] == nil)
        #expect(query.all("d").isEmpty)
        #expect(query == QueryParameters("&a=1&&b=2&a=3&c=&".utf8))
    }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41", "A"), ("%4a%4A", "JJ"), ("%", "%"), ("%4", "%4"), ("%4g", "%4g"),
        ("%%41", "%A"),
        ("%2541", "%41"), ("a+b", "a+b"), ("%2B", "+"), ("%e2%82%ac", "€"),
    ])
    func `valid escapes are decoded and others stay`(_ encoded: String, _ decoded: String) {
        #expect(PercentEncoding.decode(encoded.utf8) == Array(decoded.utf8))
    }

    @Test func `a plus sign is a space only where that is asked for`() {
        #expect(PercentEncoding.decode("a+b%2B".utf8, plusIsSpace: true) == Array("a b+".utf8))
    }

    @Test func `values of secret parameters stay out of the log`() {
        let query = "token=abc&a=b&tok%65n=def&token&x=token".utf8
        #expect(AccessLog.redacted(query, ["token"]) == "token=***&a=b&tok%65n=***&token=***&x=token")
        #expect(AccessLog.redacted("".utf8, ["token"]) == nil)
        #expect(AccessLog.redacted("a=b&c".utf8, ["token"]) == nil)
    }

    @Test func `values whose names say that they are secret stay out of logs whatever the route says`() {
        #expect(AccessLog.redacted("code=abc&state=1&x=2".utf8, []) == "code=***&state=***&x=2")
        #expect(AccessLog.redacted("x=2&access%5Ftoken=abc".utf8, ["other"]) == "x=2&access%5Ftoken=***")
        #expect(AccessLog.redacted("tokens=1&codes=2&page=3".utf8, []) == nil)
    }
}
