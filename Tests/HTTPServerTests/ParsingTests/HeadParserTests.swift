import Testing

@testable import HTTPServer

@Suite struct HeadParserTests {
    private static let heads = [
        "GET / HTTP/1.1\r\n\r\n",
        "\r\n\r\nPOST /a?b=c HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nX-A:\t b c \t\r\nX-Empty:\r\n\r\n",
        "M-SEARCH * HTTP/1.1\r\nhost: a\r\nHOST: b\r\nConnection: close\r\nAccept: a\r\nX-Request-Id: 7\r\n\r\n",
    ]

    /// Everything that the parser notes in a head.
    private struct Findings: Equatable {
        var method: RequestMethod
        var ranges: [ByteRange]
        var fields: [ByteRange]
        var version: UInt8
        var known: [Int]

        init(_ head: RequestHead) {
            method = head.method
            ranges = [head.methodRange, head.target]
            fields = head.fields.flatMap { [$0.name, $0.value] }
            version = head.minorVersion
            known = KnownField.allCases.flatMap { [head.count(of: $0), Int(head.known[$0.rawValue].index)] }
        }
    }

    @Test(arguments: heads)
    func `a head that comes bit by bit is understood as the one that comes at once`(_ text: String) {
        let bytes = Array(text.utf8)
        let whole = RequestHead()
        var parser = HeadParser()
        #expect(
            parser.parse((bytes + [0x58]).span, limits: HeadLimits(), into: whole) == .complete(bytes.count)
        )
        for step in 1...bytes.count {
            let head = RequestHead()
            var parser = HeadParser()
            var end = 0
            while end + step < bytes.count {
                end += step
                let outcome = parser.parse(
                    bytes.span.extracting(first: end),
                    limits: HeadLimits(),
                    into: head
                )
                #expect(outcome == .incomplete)
            }
            #expect(parser.parse(bytes.span, limits: HeadLimits(), into: head) == .complete(bytes.count))
            #expect(Findings(head) == Findings(whole))
        }
    }

    @Test func `what stands where`() throws {
        let bytes = Array(Self.heads[1].utf8)
        let head = RequestHead()
        var parser = HeadParser()
        #expect(parser.parse(bytes.span, limits: HeadLimits(), into: head) == .complete(bytes.count))
        head.bytes = bytes
        #expect(head.method == .post)
        #expect(head.minorVersion == 0)
        #expect(head.text(head.target) == "/a?b=c")
        #expect(head.fields.map { head.text($0.name) } == ["Host", "Content-Length", "X-A", "X-Empty"])
        #expect(head.fields.map { head.text($0.value) } == ["a", "5", "b c", ""])
        #expect(head.range(of: .contentLength).map(head.text) == "5")
        #expect(head.range(of: .accept) == nil)
        #expect(head.firstValue(named: "x-a") == "b c")
        #expect(head.values(named: "x-b").isEmpty)
    }

    @Test func `lines of one field are joined in order, empty ones too`() {
        let bytes = Array("GET / HTTP/1.1\r\nAccept:\r\nX: y\r\nACCEPT: a\r\naccept: b, c\r\n\r\n".utf8)
        let head = RequestHead()
        var parser = HeadParser()
        #expect(parser.parse(bytes.span, limits: HeadLimits(), into: head) == .complete(bytes.count))
        head.bytes = bytes
        #expect(head.count(of: .accept) == 3)
        #expect(head.combined(.accept).map { String(decoding: $0, as: UTF8.self) } == ", a, b, c")
        #expect(head.combined(.host) == nil)
    }

    @Test func `every known field is known in any case`() {
        for field in KnownField.allCases {
            for name in [field.name.description, field.name.description.uppercased()] {
                let bytes = Array("-\(name)-".utf8)
                #expect(KnownField.named(bytes.span, from: 1, count: name.utf8.count) == field)
                #expect(KnownField.named(bytes.span, from: 0, count: name.utf8.count) == nil)
                #expect(KnownField.named(bytes.span, from: 0, count: name.utf8.count + 1) == nil)
            }
        }
    }

    @Test func `every method is known, and only as it is written`() {
        for method in RequestMethod.allCases where method != .other {
            let name = Array(method.name.description.utf8)
            #expect(RequestMethod(name.span, ByteRange(0, name.count)) == method)
            for index in name.indices {
                var other = name
                other[index] |= 0x20
                #expect(RequestMethod(other.span, ByteRange(0, other.count)) == .other)
            }
            let longer = name + [0x58]
            #expect(RequestMethod(longer.span, ByteRange(0, longer.count)) == .other)
        }
    }
}
