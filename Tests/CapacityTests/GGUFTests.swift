import Capacity
import Testing

@Suite("GGUF headers")
struct GGUFTests {
    /// Writes headers.
    struct Writer {
        var bytes = Array("GGUF".utf8)

        init(version: UInt32 = 3, tensors: UInt64, members: UInt64) {
            integer(version)
            integer(tensors)
            integer(members)
        }

        mutating func integer<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }

        mutating func text(_ text: String) {
            integer(UInt64(text.utf8.count))
            bytes += text.utf8
        }

        mutating func member(_ key: String, _ value: String) {
            text(key)
            integer(UInt32(8))
            text(value)
        }

        mutating func member(_ key: String, _ value: UInt32) {
            text(key)
            integer(UInt32(4))
            integer(value)
        }

        mutating func tensor(_ name: String, _ shape: [UInt64], type: UInt32) {
            text(name)
            integer(UInt32(shape.count))
            for size in shape { integer(size) }
            integer(type)
            integer(UInt64(0))
        }
    }

    /// A model of two layers, its matrices in Q4_K, the output in Q6_K.
    static let small: [UInt8] = {
        var writer = Writer(tensors: 16, members: 9)
        writer.member("general.architecture", "llama")
        writer.member("llama.block_count", 2)
        writer.member("llama.embedding_length", 1024)
        writer.member("llama.feed_forward_length", 4096)
        writer.member("llama.attention.head_count", 16)
        writer.member("llama.attention.head_count_kv", 4)
        writer.member("llama.context_length", 8192)
        writer.member("general.file_type", 15)
        writer.text("tokenizer.ggml.scores")
        writer.integer(UInt32(9))
        writer.integer(UInt32(6))
        writer.integer(UInt64(3))
        for _ in 0..<3 { writer.integer(Float(1).bitPattern) }
        writer.tensor("token_embd.weight", [1024, 32_000], type: 12)
        writer.tensor("output.weight", [1024, 32_000], type: 14)
        for layer in 0..<2 {
            writer.tensor("blk.\(layer).attn_q.weight", [1024, 1024], type: 12)
            writer.tensor("blk.\(layer).attn_k.weight", [1024, 256], type: 12)
            writer.tensor("blk.\(layer).attn_v.weight", [1024, 256], type: 14)
            writer.tensor("blk.\(layer).attn_output.weight", [1024, 1024], type: 12)
            writer.tensor("blk.\(layer).ffn_gate.weight", [1024, 4096], type: 12)
            writer.tensor("blk.\(layer).ffn_up.weight", [1024, 4096], type: 12)
            writer.tensor("blk.\(layer).ffn_down.weight", [4096, 1024], type: 14)
        }
        return writer.bytes
    }()

    @Test("A header gives the model's layers, the bytes of each component and the mixture's name")
    func profile() throws {
        let profile = try ModelProfile(gguf: [GGUFHeader(Self.small)])
        #expect(profile.architecture == "llama")
        #expect(profile.ggufFormat == "Q4_K_M")
        #expect(profile.layers.count == 2)
        #expect(profile.attentionHeads == 16)
        #expect(profile.keyValueHeads == 4)
        #expect(profile.vocabularySize == 32_000)
        #expect(profile.contextLength == 8192)
        #expect(profile.evidence == .exactWeights)
        #expect(profile.bytesByComponent[.embedding] == 1024 * 32_000 / 256 * 144)
        #expect(profile.bytesByComponent[.languageHead] == 1024 * 32_000 / 256 * 210)
        #expect(profile.bytesByComponent[.attentionKeyValue] == 2 * 1024 * 256 / 256 * (144 + 210))
        #expect(profile.parametersByComponent[.feedForward] == 2 * 3 * 1024 * 4096)
    }

    @Test("llama.cpp serves it; its embedding stays in the machine's memory")
    func fit() throws {
        let profile = try ModelProfile(gguf: [GGUFHeader(Self.small)])
        var request = FitFixture.request("RTX 4090", context: 8192)
        request.engine = .llamaCpp
        request.options.keyValueDtype = "q8_0"
        let report = Fit.evaluate(profile, request)
        #expect(report.verdict == .fits)
        let best = try #require(report.best)
        let all = profile.weightBytes - profile.bytesByComponent[.embedding]
        #expect(abs(best.budget[.weights] - all) <= ByteCount.gibibytes(0.02))
        #expect(best.cache.bytesPerToken == 2 * 4 * 2 * 64 * 34.0 / 32)
        #expect(best.arguments.contains("--cache-type-k"))
    }

    @Test("Every truncation asks for more bytes")
    func truncated() {
        for count in 0..<Self.small.count {
            do throws(GGUFFailure) {
                _ = try GGUFHeader(Self.small[..<count])
                Issue.record("\(count) bytes were enough")
            } catch {
                guard case .needsMoreBytes(let least) = error else {
                    Issue.record("\(count): \(error)")
                    return
                }
                #expect(least > count)
            }
        }
    }

    @Test("What is no header is refused")
    func refused() {
        #expect(throws: GGUFFailure.notGGUF) { try GGUFHeader(Array("GGML".utf8)) }
        #expect(throws: GGUFFailure.unsupportedVersion(1)) {
            try GGUFHeader(Writer(version: 1, tensors: 0, members: 0).bytes)
        }
        #expect(throws: GGUFFailure.malformed("too many entries")) {
            try GGUFHeader(Writer(tensors: .max, members: 0).bytes)
        }
        var long = Writer(tensors: 0, members: 1)
        long.integer(UInt64.max)
        #expect(throws: GGUFFailure.self) { try GGUFHeader(long.bytes) }
        var many = Writer(tensors: 0, members: 1)
        many.text("a")
        many.integer(UInt32(9))
        many.integer(UInt32(8))
        many.integer(UInt64(1 << 31))
        #expect(throws: GGUFFailure.self) { try GGUFHeader(many.bytes) }
        #expect(throws: ModelProfileFailure.noEvidence) { try ModelProfile(gguf: []) }
    }

    @Test("Any change of a byte gives a profile or a typed error")
    func changed() {
        for index in Self.small.indices {
            for byte: UInt8 in [0, 1, 0x7F, 0xFF] {
                var bytes = Self.small
                bytes[index] = byte
                guard let header = try? GGUFHeader(bytes), let profile = try? ModelProfile(gguf: [header])
                else { continue }
                var request = FitFixture.request("RTX 4090")
                request.engine = .llamaCpp
                _ = Fit.evaluate(profile, request)
            }
        }
    }
}
