import Glibc

/// A folder of the tests' sources.
struct SourceFolder {
    private let path: String

    /// - Parameter name: Its path from the folder of the file that asks.
    init(_ name: String, file: String = #filePath) {
        path = "/" + (file.split(separator: "/").dropLast() + [Substring(name)]).joined(separator: "/")
    }

    /// The names of its files that begin so, in order; none where it is not there.
    func names(beginningWith beginning: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(beginning) { names.append(name) }
        }
        return names.sorted()
    }

    /// What a file has; empty when there is none of that name.
    func text(of name: String) -> String {
        guard let file = fopen("\(path)/\(name)", "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
