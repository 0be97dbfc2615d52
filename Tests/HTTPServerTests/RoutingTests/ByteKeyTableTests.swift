import Testing

@testable import HTTPServer

@Suite struct ByteKeyTableTests {
    @Test(arguments: [0, 1, 2, 3, 100, 1000])
    func `every key has its value, and nothing else has one`(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        var keys: Set<[UInt8]> = []
        while keys.count < count { keys.insert(generator.bytes(Int.random(in: 0...12, using: &generator))) }
        let entries = keys.enumerated().map { (key: $0.element, value: $0.offset) }
        let table = ByteKeyTable(entries)
        for entry in entries {
            let framed = [0x2F] + entry.key + [0x2F]
            #expect(table.value(framed.span, 1, framed.count - 1) == entry.value)
        }
        for _ in 0..<1000 {
            let other = generator.bytes(Int.random(in: 0...13, using: &generator))
            guard !keys.contains(other) else { continue }
            #expect(table.value(other.span, 0, other.count) == nil)
        }
    }
}
