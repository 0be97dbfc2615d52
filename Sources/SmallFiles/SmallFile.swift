#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that are read and replaced as a whole: configurations, certificates, tokens.
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

    /// Writes a file that only its owner may read (mode 0600) under another name and puts it in the place of the old one, so that no
    /// reader sees half of it, nor anybody after a crash. It blocks, as writing does.
    public static func replace(_ path: String, with content: [UInt8]) throws(Failure) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        var failure: Failure?
        var rest = content[...]
        while failure == nil, !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count > 0 { rest = rest.dropFirst(count) } else { failure = Failure(number: errno) }
        }
        if failure == nil, fsync(descriptor) != 0 { failure = Failure(number: errno) }
        close(descriptor)
        if failure == nil, rename(temporary, path) != 0 { failure = Failure(number: errno) }
        if let failure {
            unlink(temporary)
            throw failure
        }
    }

    /// Removes a file, if it is there.
    public static func remove(_ path: String) throws(Failure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw Failure(number: errno) }
    }

    private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// `write(2)`, by a name that nothing else here has.
private let systemWrite = write(_:_:_:)

/// `read(2)`, which has a method of the same name above.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
