internal import Glibc

/// Why a log cannot be read.
public struct ContainerLogError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The log file.
    public let path: String
    /// The system's error number; `ENOENT` when the container has written none.
    public let code: Int32

    /// Whether there is no such log.
    public var isNotFound: Bool { code == ENOENT }

    /// The file and the system's error message.
    public var description: String { "\(path): \(String(cString: strerror(code)))" }
}
