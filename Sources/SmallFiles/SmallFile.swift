#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reading files that are read as a whole: configurations, certificates, tokens.
public enum SmallFile {
    /// Why a file could not be read.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        /// There is no such file.
        case missing
        /// The system refuses; the reason in words, such as `Permission denied`.
        case system(String)
        /// It is larger than so many bytes.
        case tooLarge(limit: Int)

        /// The reason in words.
        public var description: String {
            switch self {
            case .missing: SmallFile.words(ENOENT)
            case .system(let reason): reason
            case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB"
            }
        }

        fileprivate init(number: Int32) {
            self = number == ENOENT ? .missing : .system(SmallFile.words(number))
        }
    }

    /// The bytes of the file. It blocks, as reading does.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - limit: the most bytes that it may have, a whole number of MiB; any number unless given.
    public static func read(_ path: String, limit: Int = .max) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = systemRead(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(number: errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else { throw Failure.tooLarge(limit: limit) }
        }
    }

    private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// `read(2)`, which has a method of the same name above.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
