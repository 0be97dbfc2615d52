#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reading a whole configuration file.
enum FileContent {
    /// A file that could not be read; the reason in words.
    struct Failure: Error {
        let reason: String
    }

    /// Larger files are refused: a configuration is a few kilobytes.
    static let largestSize = 1 << 20

    /// The bytes of the file.
    static func bytes(ofFileAt path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemFailure() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw systemFailure() }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= largestSize else {
                throw Failure(reason: "cannot be read: it is larger than 1 MiB")
            }
        }
    }

    private static func systemFailure() -> Failure {
        Failure(reason: "cannot be read: \(String(cString: strerror(errno)))")
    }
}
