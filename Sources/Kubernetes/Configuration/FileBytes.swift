internal import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reading small files: configuration, certificates, tokens.
enum FileBytes {
    /// Why a file could not be read.
    struct Failure: Error {
        /// Whether there is no such file.
        let isMissing: Bool
        /// The reason in words, such as `No such file or directory`.
        let reason: String
    }

    /// Larger files are refused: what is read here is a few kilobytes.
    static let largestSize = 4 << 20

    /// The bytes of the file. It blocks, as reading does.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemFailure() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = readDescriptor(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw systemFailure() }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= largestSize else {
                throw Failure(isMissing: false, reason: "the file is larger than 4 MiB")
            }
        }
    }

    /// The bytes of the file, read on a thread that may block.
    static func readInBackground(_ path: String) async throws(Failure) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: Result { () throws(Failure) in try read(path) })
            }
        }
        return try result.get()
    }

    private static func systemFailure() -> Failure {
        Failure(isMissing: errno == ENOENT, reason: String(cString: strerror(errno)))
    }
}

/// `read(2)`, which has a method of the same name above.
private func readDescriptor(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

/// What an error's number means, in words.
func systemMessage(_ number: Int32) -> String {
    String(cString: strerror(number))
}
