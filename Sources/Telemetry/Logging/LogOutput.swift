internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file descriptor that log lines are written to, by one thread at a time.
final class LogOutput: Sendable {
    private let fileDescriptor: Int32
    /// Whether a failure cut the line written last, so that the next one must begin with a line feed.
    private let isMidLine = Atomic(false)

    /// Writes to a duplicate of the descriptor, so that a late batch can never reach another file that got its
    /// number after the caller closed it.
    init(duplicating fileDescriptor: Int32) {
        self.fileDescriptor = fcntl(fileDescriptor, F_DUPFD_CLOEXEC, 3)
    }

    deinit {
        if fileDescriptor >= 0 { close(fileDescriptor) }
    }

    /// Writes all of it, waiting for a slow reader.
    ///
    /// - Returns: how many bytes were written; fewer than all when the descriptor is broken or its disk full.
    func write(_ bytes: [UInt8]) -> Int {
        if !bytes.isEmpty, isMidLine.load(ordering: .relaxed) {
            guard writeWaiting([0x0A]) == 1 else { return 0 }
            isMidLine.store(false, ordering: .relaxed)
        }
        let written = writeWaiting(bytes)
        if written < bytes.count, written > 0, bytes[written - 1] != 0x0A {
            isMidLine.store(true, ordering: .relaxed)
        }
        return written
    }

    /// Writes until all is written or an error ends it; returns how many bytes were written.
    private func writeWaiting(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                #if canImport(Darwin)
                    let count = Darwin.write(fileDescriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                    let count = Musl.write(fileDescriptor, rest.baseAddress, rest.count)
                #else
                    let count = Glibc.write(fileDescriptor, rest.baseAddress, rest.count)
                #endif
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN || errno == EWOULDBLOCK {
                    var descriptor = pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&descriptor, 1, -1)
                } else if errno != EINTR {
                    break
                }
            }
            return written
        }
    }
}
