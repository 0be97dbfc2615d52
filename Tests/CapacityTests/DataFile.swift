import JSON
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The data that the tests read: published models and measurements.
enum DataFile {
    /// Reads a JSON file of the folder Data.
    static func json(_ name: String, file: String = #filePath) throws -> JSONValue {
        try JSONValue(parsing: bytes(name, file: file))
    }

    /// Reads a file of the folder Data.
    static func bytes(_ name: String, file: String = #filePath) throws -> [UInt8] {
        let folder = file.prefix(through: file.lastIndex(of: "/") ?? file.startIndex)
        let handle = try #require(fopen("\(folder)Data/\(name)", "r"), "\(name)")
        defer { fclose(handle) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, handle), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }
}
