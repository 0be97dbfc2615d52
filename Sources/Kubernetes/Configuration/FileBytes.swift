internal import Dispatch
internal import SmallFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reading what a kubeconfig and the files that it names hold.
enum FileBytes {
    /// Larger files are refused: what is read here is a few kilobytes.
    static let largestSize = 4 << 20

    /// The bytes of the file. It blocks, as reading does.
    static func read(_ path: String) throws(SmallFile.Failure) -> [UInt8] {
        try SmallFile.read(path, limit: largestSize)
    }

    /// The bytes of the file, read on a thread that may block.
    static func readInBackground(_ path: String) async throws(SmallFile.Failure) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(
                    returning: Result { () throws(SmallFile.Failure) in try read(path) }
                )
            }
        }
        return try result.get()
    }
}

/// What an error's number means, in words.
func systemMessage(_ number: Int32) -> String {
    String(cString: strerror(number))
}
