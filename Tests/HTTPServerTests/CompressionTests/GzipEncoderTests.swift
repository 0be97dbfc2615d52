import Testing

@testable import HTTPServer

@Suite("gzip")
struct GzipEncoderTests {
    private func compressed(_ bytes: [UInt8], _ encoder: GzipEncoder = GzipEncoder(level: 6)) throws
        -> [UInt8]
    {
        var output: [UInt8] = []
        try bytes.withUnsafeBytes { try encoder.compress($0, into: &output) }
        return output
    }

    private let text = Array(String(repeating: "{\"name\":\"llama\",\"replicas\":3},", count: 4000).utf8)

    @Test(
        "what was compressed can be decompressed, whatever its size",
        arguments: [0, 1, 2, 1000, 65_535, 65_536, 300_000]
    )
    func roundTrip(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let noise = generator.bytes(count)
        #expect(Inflater.inflated(try compressed(noise)) == noise)
    }

    @Test(
        "every level makes text smaller, and levels beyond the ends mean the ends",
        arguments: [-1, 0, 1, 3, 6, 9, 10]
    )
    func levels(level: Int) throws {
        let output = try compressed(text, GzipEncoder(level: level))
        #expect(output.count < text.count / 20)
        #expect(Inflater.inflated(output) == text)
        #expect(output == (try compressed(text, GzipEncoder(level: min(max(level, 1), 9)))))
    }

    @Test("a gzip header without name and time stands in front, the length behind (RFC 1952 §2.3)")
    func header() throws {
        let output = try compressed(text)
        #expect(output.prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
        let length = output.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length == text.count)
    }

    @Test("an encoder serves body after body, each independent of the others")
    func reuse() throws {
        let encoder = GzipEncoder(level: 6)
        let first = try compressed(text, encoder)
        #expect(Inflater.inflated(try compressed([], encoder)) == [])
        #expect(Inflater.inflated(try compressed([7, 7, 7], encoder)) == [7, 7, 7])
        #expect(try compressed(text, encoder) == first)
    }

    @Test("what stood in the output before stays")
    func appending() throws {
        var output: [UInt8] = [1, 2, 3]
        try text.withUnsafeBytes { try GzipEncoder(level: 1).compress($0, into: &output) }
        #expect(output.prefix(3) == [1, 2, 3])
        #expect(Inflater.inflated(Array(output.dropFirst(3))) == text)
    }

    @Test("a body that goes in slice by slice comes out whole", arguments: [1, 7, 4096, 100_000])
    func slices(size: Int) throws {
        var generator = SeededGenerator(seed: 9)
        let content = text.prefix(20_000) + generator.bytes(200_000) + text
        let output = try compressed(Array(content), GzipEncoder(level: 6, sliceSize: size))
        #expect(Inflater.inflated(output) == Array(content))
    }

    @Test("a damaged or cut member is not taken by the test's own decompressor")
    func damage() throws {
        var output = try compressed(text)
        #expect(Inflater.inflated(output.dropLast()) == nil)
        output[output.count / 2] ^= 0x10
        #expect(Inflater.inflated(output) == nil)
    }
}
