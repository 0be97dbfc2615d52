import Capacity
import Testing

@testable import ControlPlane

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("GGUF files of this machine")
struct LocalModelTests {
    @Test("The parts of a split file are told from whole files")
    func names() throws {
        #expect(GGUFFileName("model.gguf")?.base == "model")
        #expect(GGUFFileName("Model.GGUF")?.part == nil)
        let part = try #require(GGUFFileName("big-Q4_K_M-00002-of-00003.gguf"))
        #expect(part.base == "big-Q4_K_M")
        #expect(part.part?.number == 2 && part.part?.count == 3)
        for whole in [
            "a-00000-of-00002.gguf", "a-00003-of-00002.gguf", "a-2-of-3.gguf", "00001-of-00002.gguf",
        ] {
            #expect(GGUFFileName(whole)?.part == nil, "\(whole)")
        }
        for other in ["model.bin", ".gguf", "gguf", ""] { #expect(GGUFFileName(other) == nil, "\(other)") }
        #expect(GGUFFileName("mmproj-model-f16.gguf")?.isProjector == true)
    }

    @Test("A header is read however long it is, and one that is cut off is told as such")
    func longHeaders() async throws {
        let folder = try TemporaryFolder()
        // The first attempt reads less than this.
        let long = SmallGGUF.bytes(padding: 3 << 20)
        try folder.write(long, to: "long.gguf")
        try folder.write(Array(long.prefix(2 << 20)), to: "cut.gguf")
        try folder.write([], to: "empty.gguf")
        let models = try await LocalModels(folder: folder.path).models()
        #expect(models.map(\.id) == ["local/cut.gguf", "local/empty.gguf", "local/long.gguf"])
        #expect(models[2].header?.parameters == 2112)
        #expect(models[2].header?.contextLength == 2048)
        for broken in models[..<2] {
            #expect(broken.header == nil)
            #expect(broken.problem == "the file ends within its header")
        }
    }

    @Test("A file that changes is read again")
    func changes() async throws {
        let folder = try TemporaryFolder()
        let models = LocalModels(folder: folder.path)
        #expect(try await models.models().isEmpty)
        try folder.write([1, 2, 3, 4, 5], to: "a.gguf")
        #expect(try await models.models().first?.problem == "the file is no GGUF file")
        try folder.write(SmallGGUF.bytes(), to: "a.gguf")
        let model = try #require(try await models.models().first)
        #expect(model.name == "Small One" && model.problem == nil && model.engines == [.llamaCpp])
    }

    @Test("Hidden files, links to folders and folders named like files are passed over")
    func others() async throws {
        let folder = try TemporaryFolder()
        try folder.write(SmallGGUF.bytes(), to: ".hidden.gguf")
        folder.makeFolder("folder.gguf")
        try folder.write(SmallGGUF.bytes(), to: "folder.gguf/inner.gguf")
        folder.link("circle", to: folder.path)
        folder.link("dangling.gguf", to: "/nowhere/at/all")
        let models = try await LocalModels(folder: folder.path).models()
        #expect(models.map(\.path) == ["folder.gguf/inner.gguf"])
    }

    @Test("A folder that is not there is a failure, not an empty list")
    func missing() async {
        await #expect(throws: FolderFailure.self) {
            try await LocalModels(folder: "/nowhere/at/all").models()
        }
    }
}

/// A folder that goes away with its owner.
private final class TemporaryFolder {
    let path: String
    private var names: [String] = []

    init() throws {
        var template = Array("/tmp/ingot-models-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in names.reversed() { remove("\(path)/\(name)") }
        rmdir(path)
    }

    func link(_ name: String, to target: String) {
        names.append(name)
        #expect(symlink(target, "\(path)/\(name)") == 0)
    }

    func makeFolder(_ name: String) {
        names.append(name)
        #expect(mkdir("\(path)/\(name)", 0o700) == 0)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        names.append(name)
        let file = try #require(fopen("\(path)/\(name)", "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}

/// A GGUF file of version 3 with a header and no data (ggml, `docs/gguf.md`).
private enum SmallGGUF {
    static func bytes(padding: Int = 0) -> [UInt8] {
        func number(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian, Array.init)
        }
        func text(_ value: String) -> [UInt8] { number(UInt64(value.utf8.count)) + Array(value.utf8) }
        let texts = [
            ("general.architecture", "llama"), ("general.name", "Small One"),
            ("tokenizer.chat_template", String(repeating: "x", count: padding)),
        ]
        let numbers: [(String, UInt32)] = [
            ("llama.block_count", 1), ("llama.context_length", 2048), ("llama.embedding_length", 16),
            ("llama.attention.head_count", 2),
        ]
        let tensors: [(String, [UInt64])] = [
            ("token_embd.weight", [16, 100]), ("blk.0.attn_q.weight", [16, 16]),
            ("blk.0.attn_k.weight", [16, 16]),
        ]
        var bytes = Array("GGUF".utf8) + number(UInt32(3)) + number(UInt64(tensors.count))
        bytes += number(UInt64(texts.count + numbers.count))
        for (key, value) in texts { bytes += text(key) + number(UInt32(8)) + text(value) }
        for (key, value) in numbers { bytes += text(key) + number(UInt32(4)) + number(value) }
        for (name, shape) in tensors {
            bytes += text(name) + number(UInt32(shape.count)) + shape.flatMap { number($0) }
            bytes += number(UInt32(1)) + number(UInt64(0))
        }
        return bytes
    }
}
