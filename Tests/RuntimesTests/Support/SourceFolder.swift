import Glibc
import Testing

/// A folder beside the tests' sources.
struct SourceFolder {
    /// Its path.
    let path: String

    /// The folder of that name in the folder of this target's tests.
    init(_ name: String) {
        path = "/" + (#filePath.split(separator: "/").dropLast(2) + [Substring(name)]).joined(separator: "/")
    }

    /// The names of its files with that ending, in order.
    func names(endingIn ending: String) throws -> [String] {
        let folder = try #require(opendir(path), "\(path)")
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(ending) { names.append(name) }
        }
        return names.sorted()
    }

    /// What a file has; nil when there is none of that name.
    func bytes(of name: String) -> [UInt8]? {
        guard let file = fopen("\(path)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Writes a file anew.
    func write(_ text: String, to name: String) throws {
        let file = try #require(fopen("\(path)/\(name)", "w"), "\(path)/\(name)")
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
