import Testing

@testable import HTTPServer

@Suite struct ChunkedDecoderTests {
    private static let limit = 1 << 20

    /// Feeds `bytes` in pieces that end at `splits`, and says what came of it.
    private static func decode(
        _ bytes: [UInt8],
        splits: [Int]
    ) -> (outcome: ChunkedDecoder.Outcome, end: Int, body: [UInt8]) {
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        var start = 0
        for split in splits + [bytes.count] {
            let piece = Array(bytes[start..<split])
            let outcome = decoder.decode(piece.span, from: 0, limit: limit, into: &body)
            if case .complete(let end) = outcome { return (outcome, start + end, body) }
            if outcome != .incomplete { return (outcome, 0, body) }
            start = split
        }
        return (.incomplete, 0, body)
    }

    @Test func `a body coded in any way and split in any way is the same body`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let body = generator.bytes(Int.random(in: 0...300, using: &generator))
            var coded: [UInt8] = []
            var start = 0
            while start < body.count {
                let size = Int.random(in: 1...(body.count - start), using: &generator)
                coded += Self.sizeLine(size, &generator) + body[start..<(start + size)] + [0x0D, 0x0A]
                start += size
            }
            coded += Self.sizeLine(0, &generator)
            for _ in 0..<Int.random(in: 0...3, using: &generator) { coded += Array("X-A: \t b\r\n".utf8) }
            coded += [0x0D, 0x0A]
            let size = coded.count
            coded += Array("GET /".utf8)
            let splits = (0..<5).map { _ in Int.random(in: 0...coded.count, using: &generator) }.sorted()
            let decoded = Self.decode(coded, splits: splits)
            #expect(decoded.body == body)
            #expect(decoded.end == size, "what follows is left alone")
        }
    }

    private static func sizeLine(_ size: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        let digits = String(size, radix: 16, uppercase: Bool.random(using: &generator))
        let zeros = String(repeating: "0", count: Int.random(in: 0...3, using: &generator))
        let ends = ["", ";", ";a", ";a=b", " ;a", "\t; a = \"b;c\"", ";a;b=c"]
        let end = ends[Int.random(in: 0..<ends.count, using: &generator)]
        return Array((zeros + digits + end + "\r\n").utf8)
    }

    @Test(arguments: [
        "", "5", "5\r", "5;a", "5 ", "5\r\nhell", "5\r\nhello", "5\r\nhello\r", "5\r\nhello\r\n", "0\r\n",
        "0\r\nX", "0\r\nX:",
        "0\r\nX: a\r", "0\r\nX: a\r\n", "0\r\n\r",
    ])
    func `a body without its end is incomplete`(_ text: String) {
        #expect(Self.decode(Array(text.utf8), splits: []).outcome == .incomplete)
    }

    @Test func `a chunk may be as large as the limit and no larger`() {
        for (size, outcome) in [
            ("100000\r\n", ChunkedDecoder.Outcome.incomplete), ("100001\r\n", .refused(.bodyTooLarge)),
            ("fffffffffffffff\r\n", .refused(.bodyTooLarge)),
        ] {
            #expect(Self.decode(Array(size.utf8), splits: []).outcome == outcome)
        }
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        let bytes = Array("3\r\nabc\r\n3\r\ndef\r\n".utf8)
        #expect(decoder.decode(bytes.span, from: 0, limit: 5, into: &body) == .refused(.bodyTooLarge))
        #expect(body == Array("abc".utf8), "nothing of the second chunk is taken")
    }

    @Test func `random bytes are refused or incomplete, but do no harm`() {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("0123aF;= \t\r\n:Xx\0\u{7F}".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let whole = Self.decode(bytes, splits: [])
            let split = Self.decode(bytes, splits: Array(bytes.indices))
            #expect(whole.outcome.isSameKind(as: split.outcome))
            #expect(whole.end == split.end)
            #expect(whole.body == split.body)
        }
    }
}

extension ChunkedDecoder.Outcome {
    /// Equal, but for offsets, which depend on where a piece starts.
    fileprivate func isSameKind(as other: ChunkedDecoder.Outcome) -> Bool {
        if case .complete = self, case .complete = other { return true }
        return self == other
    }
}
