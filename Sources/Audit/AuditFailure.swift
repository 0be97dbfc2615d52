#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why an audit log cannot be written or read.
public struct AuditFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file and the reason, on one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// What the system said when it was asked for something that concerns a file.
    static func system(_ path: String, _ number: Int32 = errno) -> AuditFailure {
        AuditFailure("\(path): \(String(cString: strerror(number)))")
    }
}
