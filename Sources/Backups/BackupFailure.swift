#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a backup cannot be made, read or put back.
public struct BackupFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file and the reason, on one line.
    public let description: String
    /// Whether a server has the file for itself.
    public let isBusy: Bool
    /// Whether there is no such file.
    public let isMissing: Bool

    init(_ description: String, isBusy: Bool = false, isMissing: Bool = false) {
        self.description = description
        self.isBusy = isBusy
        self.isMissing = isMissing
    }

    /// What the system said when it was asked for something that concerns a file.
    static func system(_ path: String, _ number: Int32 = errno) -> BackupFailure {
        BackupFailure("\(path): \(String(cString: strerror(number)))", isMissing: number == ENOENT)
    }
}
