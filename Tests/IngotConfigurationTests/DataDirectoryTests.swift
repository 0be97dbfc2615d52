import Glibc
import IngotConfiguration
import Testing

@Suite("The data directory")
struct DataDirectoryTests {
    private final class Scratch {
        let path: String

        init() throws {
            var template = Array("/tmp/ingot-data-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit { for inner in ["/a/b/c", "/a/b", "/a", "/file", ""] { remove(path + inner) } }
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o7777
    }

    private func isEmpty(_ path: String) throws -> Bool {
        let directory = try #require(opendir(path))
        defer { closedir(directory) }
        var names = 0
        while readdir(directory) != nil { names += 1 }
        return names == 2
    }

    private func reason(_ path: String) -> String? {
        do {
            try DataDirectory.prepare(path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("It is created with everything above it, for its user only, and nothing is left in it")
    func creation() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/a/b/c"
        try DataDirectory.prepare(path)
        for created in [path, scratch.path + "/a/b", scratch.path + "/a"] {
            #expect(try mode(created) == 0o700)
        }
        #expect(try isEmpty(path))
        try DataDirectory.prepare(path)
        try DataDirectory.prepare(path + "/")
        #expect(try isEmpty(path))
    }

    @Test("The mode of a directory that exists is kept")
    func existing() throws {
        let scratch = try Scratch()
        try #require(chmod(scratch.path, 0o755) == 0)
        try DataDirectory.prepare(scratch.path)
        #expect(try mode(scratch.path) == 0o755)
    }

    @Test("What cannot be created, is no directory or takes no file is refused in one line")
    func refusals() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/file"
        close(try #require([open(file, O_CREAT | O_WRONLY, 0o600)].first { $0 >= 0 }))
        #expect(reason(file) == "data directory \(file): is not a directory")
        #expect(reason(file + "/d") == "data directory \(file)/d: cannot create \(file)/d: Not a directory")
        #expect(
            reason("/proc/ingot/d")
                == "data directory /proc/ingot/d: cannot create /proc/ingot: No such file or directory"
        )
        #expect(reason("/proc")?.hasPrefix("data directory /proc: cannot create a file in it: ") == true)
        #expect(reason("") == "data directory : the path is empty or has a NUL in it")
        #expect(reason("a\0b")?.hasSuffix("the path is empty or has a NUL in it") == true)
    }
}
