#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A system call on a socket or poller that failed.
public struct SocketError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call, such as `bind`.
    public let operation: String
    /// The value of `errno` that it left.
    public let code: Int32

    init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    /// Whether the address is already taken by another socket.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// The call and the system's text for the error.
    public var description: String {
        "\(operation): \(String(cString: strerror(code)))"
    }
}
