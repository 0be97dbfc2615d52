import Testing

@testable import HTTPServer

@Suite("WebSocket frames at random")
struct WebSocketFuzzTests {
    @Test(
        "the decoder and the reference agree on random frames, mutated and cut at random",
        arguments: 0..<16 as Range<UInt64>
    )
    func agreement(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<100 {
            var bytes = frames(&generator).bytes
            let isMutated = Int.random(in: 0..<3, using: &generator) == 0
            if isMutated, let index = bytes.indices.randomElement(using: &generator) {
                bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            // A frame that a mutation made longer than what follows would end the two at different places.
            let expected = DecoderOutcome.ofReference(bytes, limit: 3000)
            let actual = DecoderOutcome.ofDecoder(pieces(of: bytes, &generator), limit: 3000)
            if isMutated, expected.failure == nil, actual.failure == 1007 {
                #expect(actual.events == expected.events, "seed \(seed), round \(round): \(bytes)")
            } else {
                #expect(actual == expected, "seed \(seed), round \(round): \(bytes)")
            }
        }
    }

    @Test("random bytes end in a violation or in nothing, never in harm", arguments: 0..<8 as Range<UInt64>)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let bytes = generator.bytes(Int.random(in: 0..<200, using: &generator))
            let whole = DecoderOutcome.ofDecoder([bytes[...]], limit: 3000)
            #expect(DecoderOutcome.ofDecoder(pieces(of: bytes, &generator), limit: 3000) == whole)
        }
    }

    private func pieces(of bytes: [UInt8], _ generator: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        let most = [1, 3, 20, 5000].randomElement(using: &generator) ?? 1
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 0...most, using: &generator))
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    private func frames(_ generator: inout SeededGenerator) -> [ClientFrame] {
        var frames: [ClientFrame] = []
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            switch Int.random(in: 0..<24, using: &generator) {
            case 0..<5: frames += message(text(&generator), kind: 1, &generator)
            case 5..<12: frames += message(payload(&generator), kind: 2, &generator)
            case 12..<16: frames.append(.ping(generator.bytes(Int.random(in: 0...125, using: &generator))))
            case 16..<18: frames.append(.pong(generator.bytes(Int.random(in: 0...125, using: &generator))))
            case 18: frames += message(payload(&generator), kind: 1, &generator)
            case 19: frames.append(ClientFrame(start: UInt8.random(in: 0...255, using: &generator)))
            case 20:
                frames.append(
                    ClientFrame(start: 0x82, payload: payload(&generator), lengthForm: .sixteenBits)
                )
            case 21: frames.append(ClientFrame(start: 0x81, payload: [0x61], key: nil))
            default:
                frames.append(
                    .close(UInt16.random(in: 990...1020, using: &generator), text(&generator).prefix8)
                )
            }
        }
        for index in frames.indices where frames[index].key != nil { frames[index].key = generator.bytes(4) }
        return frames
    }

    /// A message in some fragments, with pings in between.
    private func message(_ bytes: [UInt8], kind: UInt8, _ generator: inout SeededGenerator) -> [ClientFrame] {
        var frames: [ClientFrame] = []
        var rest = bytes[...]
        while Bool.random(using: &generator) {
            let part = rest.prefix(Int.random(in: 0...40, using: &generator))
            rest = rest[part.endIndex...]
            frames.append(ClientFrame(start: frames.isEmpty ? kind : 0, payload: Array(part)))
            if Int.random(in: 0..<4, using: &generator) == 0 { frames.append(.ping([UInt8(frames.count)])) }
        }
        return frames + [ClientFrame(start: 0x80 | (frames.isEmpty ? kind : 0), payload: Array(rest))]
    }

    private func payload(_ generator: inout SeededGenerator) -> [UInt8] {
        generator.bytes([3, 120, 126, 300, 3100].randomElement(using: &generator) ?? 0)
    }

    private func text(_ generator: inout SeededGenerator) -> [UInt8] {
        let characters = [
            "a", "\u{0}", "é", "\u{7FF}", "\u{800}", "ñ", "漢", "\u{FFFF}", "🎈", "\u{10FFFF}", "plain ascii ",
        ]
        let count = Int.random(in: 0...30, using: &generator)
        return (0..<count).flatMap { _ in Array((characters.randomElement(using: &generator) ?? "").utf8) }
    }
}

extension [UInt8] {
    fileprivate var prefix8: [UInt8] { Array(prefix(8)) }
}
