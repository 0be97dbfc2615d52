import Testing

@testable import HTTPServer

@Suite("WebSocket text and close reasons")
struct WebSocketTextTests {
    /// Unicode Standard, table 3-7, at its edges.
    static let wellFormed: [[UInt8]] = [
        [0x00], [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF],
        [0xEE, 0x80, 0x80],
        [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
    ]

    /// Ill-formed text, each with the number of bytes after which that is certain.
    static let illFormed: [([UInt8], Int)] = [
        ([0x80], 1), ([0xBF], 1), ([0xC0, 0xAF], 1), ([0xC1, 0xBF], 1), ([0xC2, 0x41], 2),
        ([0xE0, 0x9F, 0xBF], 2),
        ([0xE1, 0x80, 0xC0], 3), ([0xED, 0xA0, 0x80], 2), ([0xED, 0xBF, 0xBF], 2),
        ([0xF0, 0x8F, 0xBF, 0xBF], 2),
        ([0xF4, 0x90, 0x80, 0x80], 2), ([0xF5, 0x80, 0x80, 0x80], 1), ([0xFE], 1), ([0xFF], 1),
        ([0xF1, 0x80, 0x80, 0x7F], 4),
    ]

    @Test(
        "well-formed text passes in one frame and in one frame per byte",
        arguments: wellFormed,
        [0, 5, 8, 15]
    )
    func passes(sequence: [UInt8], distance: Int) {
        let padding = [UInt8](repeating: 0x61, count: distance)
        let text = padding + sequence + padding
        let expected = DecoderOutcome(events: [.text(String(decoding: text, as: UTF8.self))])
        #expect(DecoderOutcome.ofDecoder([ClientFrame(start: 0x81, payload: text).bytes[...]]) == expected)
        let frames =
            [ClientFrame(start: 0x01)] + text.map { .continuation([$0], isFinal: false) } + [
                .continuation([])
            ]
        #expect(DecoderOutcome.ofDecoder([frames.bytes[...]]) == expected)
    }

    @Test(
        "ill-formed text fails at the first byte that makes it certain",
        arguments: illFormed,
        [0, 5, 8, 15]
    )
    func failsFast(example: ([UInt8], Int), distance: Int) {
        let (sequence, certain) = example
        let text = [UInt8](repeating: 0x61, count: distance) + sequence
        let bytes = ClientFrame(start: 0x01, payload: text + [UInt8](repeating: 0x61, count: 20)).bytes
        let end = 6 + distance + certain
        #expect(DecoderOutcome.ofDecoder([bytes[..<end]]) == DecoderOutcome(failure: 1007))
        #expect(DecoderOutcome.ofDecoder([bytes[..<(end - 1)]]) == DecoderOutcome())
    }

    @Test(
        "text that ends inside a character fails at its end, and only there",
        arguments: wellFormed.filter { $0.count > 1 }
    )
    func unfinished(sequence: [UInt8]) {
        let cut = Array(sequence.dropLast())
        let whole = ClientFrame(start: 0x81, payload: cut).bytes
        #expect(DecoderOutcome.ofDecoder([whole[...]]) == DecoderOutcome(failure: 1007))
        let begun = ClientFrame(start: 0x01, payload: cut).bytes
        #expect(DecoderOutcome.ofDecoder([begun[...]]) == DecoderOutcome())
    }

    @Test("binary messages may hold anything", arguments: illFormed)
    func binary(example: ([UInt8], Int)) {
        let bytes = ClientFrame.binary(example.0).bytes
        #expect(DecoderOutcome.ofDecoder([bytes[...]]).events == [.binary(example.0)])
    }

    @Test("one message's unfinished character does not leak into the next")
    func independence() {
        let frames = [ClientFrame.text("é"), .binary([0xC3]), .text("a")]
        #expect(
            DecoderOutcome.ofDecoder([frames.bytes[...]]).events == [.text("é"), .binary([0xC3]), .text("a")]
        )
    }

    @Test("a close frame may say nothing, a code, or a code and a reason of up to 123 bytes")
    func close() {
        let reason = String(repeating: "r", count: 123)
        #expect(close(.close()) == DecoderOutcome(events: [.close(nil, "")]))
        #expect(close(.close(1000)) == DecoderOutcome(events: [.close(.normal, "")]))
        #expect(close(.close(1001, Array("zé".utf8))) == DecoderOutcome(events: [.close(.goingAway, "zé")]))
        #expect(close(.close(1000, Array(reason.utf8))) == DecoderOutcome(events: [.close(.normal, reason)]))
    }

    @Test("half a code is a protocol error, a reason that is not UTF-8 a payload error")
    func badClose() {
        #expect(close(ClientFrame(start: 0x88, payload: [3])) == DecoderOutcome(failure: 1002))
        #expect(close(.close(1000, [0xC3])) == DecoderOutcome(failure: 1007))
        #expect(close(.close(1000, [0xED, 0xA0, 0x80])) == DecoderOutcome(failure: 1007))
    }

    @Test("every code is taken or refused as §7.4 says")
    func codes() {
        for code in Array(0...5100) + stride(from: 5101, through: UInt16.max, by: 97) {
            let isLegal =
                [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].contains(code)
                || (3000...4999).contains(code)
            #expect((close(.close(code)).failure == nil) == isLegal, "\(code)")
        }
    }

    @Test("nothing after a close frame is read, not even what breaks the rules")
    func afterClose() {
        let bytes = ClientFrame.close(1000).bytes + [0xFF, 0x00] + ClientFrame.text("late").bytes
        #expect(DecoderOutcome.ofDecoder([bytes[...]]) == DecoderOutcome(events: [.close(.normal, "")]))
        let pieces = bytes.indices.map { bytes[$0...$0] }
        #expect(DecoderOutcome.ofDecoder(pieces) == DecoderOutcome(events: [.close(.normal, "")]))
    }

    private func close(_ frame: ClientFrame) -> DecoderOutcome {
        .ofDecoder([frame.bytes[...]])
    }
}
