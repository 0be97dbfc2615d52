import Glibc
import SmallFiles
import Testing

@Suite struct SmallFileTests {
    /// A file of that size that goes after `body`.
    private func withFile(_ size: Int, _ body: (String) throws -> Void) throws {
        var template = Array("/tmp/ingot-tests-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(descriptor)
            unlink(path)
        }
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        #expect(write(descriptor, bytes, size) == size)
        try body(path)
    }

    @Test("a file is read as a whole, up to its limit", arguments: [0, 1, 65_536, 65_537, 1 << 20])
    func whole(size: Int) throws {
        try withFile(size) { path in
            let bytes = try SmallFile.read(path, limit: 1 << 20)
            #expect(bytes == (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        }
    }

    @Test("a file that is larger than its limit is refused")
    func large() throws {
        try withFile((1 << 20) + 1) { path in
            #expect(throws: SmallFile.Failure.tooLarge(limit: 1 << 20)) {
                try SmallFile.read(path, limit: 1 << 20)
            }
        }
        #expect(SmallFile.Failure.tooLarge(limit: 4 << 20).description == "it is larger than 4 MiB")
    }

    @Test("a file that is not there is told from one that cannot be read")
    func reasons() {
        #expect(throws: SmallFile.Failure.missing) {
            try SmallFile.read("/tmp/ingot-tests-none/none", limit: 1 << 20)
        }
        #expect(throws: SmallFile.Failure.system("Is a directory")) {
            try SmallFile.read("/tmp", limit: 1 << 20)
        }
        #expect(SmallFile.Failure.missing.description == "No such file or directory")
    }
}
