import Testing

@testable import IngotConfiguration

@Suite("Nearest names")
struct SuggestionTests {
    @Test("The first of equally near names is suggested, and none of no names")
    func ties() {
        #expect(Suggestion.nearest(to: "bat", among: ["cat", "hat"])?.name == "cat")
        #expect(Suggestion.nearest(to: "bat", among: []) == nil)
    }
}

@Suite("Configuration files of any bytes")
struct AnyBytesTests {
    @Test("Changed, cut and doubled examples are judged without a crash, and every problem is one line")
    func mutations() {
        let example = Array(ConfigurationExample.text.utf8)
        var random = RandomSource(state: 1)
        for _ in 0..<3000 {
            var bytes = example
            for _ in 0...random.next(below: 4) {
                let index = random.next(below: bytes.count)
                switch random.next(below: 4) {
                case 0: bytes[index] = UInt8(random.next(below: 256))
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(contentsOf: bytes[index...].prefix(random.next(below: 20)), at: index)
                default: bytes[index] ^= 1 << UInt8(random.next(below: 8))
                }
            }
            for problem in ServeConfiguration.validate(fileBytes: bytes, name: "c\n.json") {
                #expect(
                    !problem.description.contains { $0.isNewline },
                    "\(String(decoding: bytes, as: UTF8.self))"
                )
            }
        }
    }

    /// A generator whose numbers are the same in every run (a linear congruential one, modulus 2^64).
    private struct RandomSource {
        var state: UInt64

        mutating func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }
}
