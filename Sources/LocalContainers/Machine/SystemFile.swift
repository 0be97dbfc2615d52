internal import Glibc

/// A small file that the kernel or the system provides.
enum SystemFile {
    /// The first line, without blanks around it; nil when there is no file or the line is empty.
    static func line(_ path: String) -> String? {
        guard let line = text(path)?.split(separator: "\n").first else { return nil }
        let words = line.split(separator: " ")
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// The text, up to 64 KiB of it; nil when it cannot be read.
    static func text(_ path: String) -> String? {
        bytes(path, limit: 65536).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes up to about a limit; nil when they cannot be read.
    static func bytes(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while bytes.count < limit {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
