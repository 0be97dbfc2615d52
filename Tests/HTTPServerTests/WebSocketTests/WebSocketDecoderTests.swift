import Testing

@testable import HTTPServer

@Suite("WebSocket frames from a client")
struct WebSocketDecoderTests {
    /// Decodes `bytes` whole, byte by byte and cut in two at every position, which must make no difference.
    private func outcome(
        _ bytes: [UInt8],
        limit: Int = 1 << 20,
        fragmentLimit: Int = 1 << 16,
        location: SourceLocation = #_sourceLocation
    ) -> DecoderOutcome {
        func decode(_ pieces: [ArraySlice<UInt8>]) -> DecoderOutcome {
            .ofDecoder(pieces, limit: limit, fragmentLimit: fragmentLimit)
        }
        let whole = decode([bytes[...]])
        #expect(decode(bytes.indices.map { bytes[$0...$0] }) == whole, sourceLocation: location)
        for cut in bytes.indices where bytes.count < 2000 {
            #expect(
                decode([bytes[..<cut], bytes[cut...]]) == whole,
                "cut at \(cut)",
                sourceLocation: location
            )
        }
        return whole
    }

    /// RFC 6455 §5.7.
    @Test("the RFC's example frames")
    func examples() {
        let hello: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(ClientFrame.text("Hello").bytes == hello)
        #expect(outcome(hello).events == [.text("Hello")])
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(outcome(pong).events == [.pong(Array("Hello".utf8))])
    }

    @Test("a message in fragments is one message, with control frames in between", arguments: [false, true])
    func fragments(isText: Bool) {
        let first =
            isText ? ClientFrame.text("Hé", isFinal: false) : .binary(Array("Hé".utf8), isFinal: false)
        let frames = [
            first, .ping([1]), .continuation([], isFinal: false),
            .continuation([0xF0, 0x9F], isFinal: false),
            .pong([2]), .continuation([0x8E, 0x88]), .text("next"),
        ]
        let message = WebSocketDecoder.Event.text("Hé🎈")
        #expect(
            outcome(frames.bytes).events == [
                .ping([1]), .pong([2]), isText ? message : .binary(Array("Hé🎈".utf8)), .text("next"),
            ]
        )
    }

    @Test("empty frames of every kind")
    func empty() {
        let frames: [ClientFrame] = [
            .text(""), .binary([]), .ping(), .pong(), .text("", isFinal: false), .continuation([]),
        ]
        #expect(outcome(frames.bytes).events == [.text(""), .binary([]), .ping([]), .pong([]), .text("")])
    }

    @Test(
        "every length is read, whatever the mask",
        arguments: [1, 7, 8, 9, 124, 125, 126, 127, 1000, 65_535, 65_536, 70_001]
    )
    func lengths(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let payload = generator.bytes(count)
        let frame = ClientFrame(start: 0x82, payload: payload, key: generator.bytes(4))
        #expect(outcome(frame.bytes) == DecoderOutcome(events: [.binary(payload)]))
    }

    @Test(
        "a frame that breaks the framing rules is a protocol error",
        arguments: [
            ClientFrame(start: 0xC1), ClientFrame(start: 0xA1), ClientFrame(start: 0x91),
            ClientFrame(start: 0x83), ClientFrame(start: 0x87), ClientFrame(start: 0x8B),
            ClientFrame(start: 0x8F),
            ClientFrame(start: 0x81, payload: [0x41], key: nil), ClientFrame(start: 0x88, key: nil),
            ClientFrame(start: 0x08), ClientFrame(start: 0x09), ClientFrame(start: 0x0A),
            ClientFrame(start: 0x80), ClientFrame(start: 0x00),
            ClientFrame(start: 0x89, payload: [UInt8](repeating: 0, count: 126)),
            ClientFrame(start: 0x8A, payload: [1], lengthForm: .sixteenBits),
            ClientFrame(start: 0x88, lengthForm: .sixtyFourBits),
            ClientFrame(start: 0x82, payload: [UInt8](repeating: 0, count: 125), lengthForm: .sixteenBits),
            ClientFrame(start: 0x82, payload: [UInt8](repeating: 0, count: 125), lengthForm: .sixtyFourBits),
            ClientFrame(
                start: 0x82,
                payload: [UInt8](repeating: 0, count: 0x1FF),
                lengthForm: .sixtyFourBits
            ),
        ]
    )
    func framing(frame: ClientFrame) {
        let bytes = ClientFrame.text("before").bytes + frame.bytes + ClientFrame.text("after").bytes
        #expect(outcome(bytes) == DecoderOutcome(events: [.text("before")], failure: 1002))
    }

    @Test("a length with its highest bit set is a protocol error, not an overflow")
    func highestBit() {
        for first in [0x80, 0xFF] as [UInt8] {
            let bytes: [UInt8] = [0x82, 0xFF, first] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0]
            #expect(outcome(bytes) == DecoderOutcome(failure: 1002))
        }
    }

    @Test("a message may not begin inside another", arguments: [ClientFrame.text("b"), .binary([2])])
    func interleaved(frame: ClientFrame) {
        #expect(outcome([.binary([1], isFinal: false), frame].bytes) == DecoderOutcome(failure: 1002))
    }

    @Test("a message over the limit is refused by its announced length, before its bytes come")
    func limit() {
        let fits = [ClientFrame.binary([1, 2, 3], isFinal: false), .continuation([4, 5])].bytes
        #expect(outcome(fits, limit: 5).events == [.binary([1, 2, 3, 4, 5])])
        let tooLong = [ClientFrame.binary([1, 2, 3], isFinal: false), .continuation([4, 5, 6])].bytes
        #expect(outcome(tooLong.dropLast(3), limit: 5) == DecoderOutcome(failure: 1009))
        let huge: [UInt8] = [0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0]
        #expect(outcome(huge) == DecoderOutcome(failure: 1009))
        #expect(outcome([.binary([], isFinal: true), .binary([1])].bytes, limit: 0).failure == 1009)
        #expect(outcome([.ping([1, 2, 3])].bytes, limit: 0).events == [.ping([1, 2, 3])])
    }

    @Test("the limit holds for each message, not for all of them")
    func limitPerMessage() {
        #expect(outcome([.binary([1, 2]), .text("ab"), .binary([3])].bytes, limit: 2).events.count == 3)
    }

    @Test("a message of too many frames is refused, however empty they are")
    func fragmentLimit() {
        let start = ClientFrame.binary([], isFinal: false)
        let middle = ClientFrame.continuation([], isFinal: false)
        let end = ClientFrame.continuation([])
        let fits = [start, middle, .ping(), .ping(), end]
        #expect(outcome((fits + fits).bytes, fragmentLimit: 3).events.count == 6)
        #expect(
            outcome([start, middle, middle, end].bytes, fragmentLimit: 3) == DecoderOutcome(failure: 1008)
        )
    }

    @Test("memory is held for what came, not for what was announced")
    func heldBytes() throws {
        var decoder = WebSocketDecoder(limit: 1 << 40)
        var events: [WebSocketDecoder.Event] = []
        let bytes: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0x80, 0, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9]
        try decoder.decode(bytes.span, into: &events)
        #expect(decoder.heldBytes == 3)
    }
}
