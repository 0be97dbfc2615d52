import CLinux
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The way into an event loop from other threads: work posted here runs on the loop, in order.
final class LoopMailbox: Sendable {
    typealias Work = @Sendable (EventLoop) -> Void

    private struct State {
        var work: [Work] = []
        var isSignaled = false
        var isClosed = false
    }

    private let state = Mutex(State())
    /// The loop polls `readDescriptor`; a byte or count written to `writeDescriptor` wakes it.
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    init() throws(SocketError) {
        #if os(Linux)
            let descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
            guard descriptor >= 0 else { throw SocketError("eventfd") }
            readDescriptor = descriptor
            writeDescriptor = descriptor
        #else
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw SocketError("pipe") }
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
            readDescriptor = ends[0]
            writeDescriptor = ends[1]
        #endif
    }

    deinit {
        close(readDescriptor)
        if writeDescriptor != readDescriptor { close(writeDescriptor) }
    }

    /// Has the loop run `work` soon. Work posted after the loop has ended is dropped.
    func post(_ work: @escaping Work) {
        let mustWake = state.withLock { state in
            guard !state.isClosed else { return false }
            state.work.append(work)
            defer { state.isSignaled = true }
            return !state.isSignaled
        }
        guard mustWake else { return }
        var one: UInt64 = 1
        _ = write(writeDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes what was posted since the last call, and rearms the wake-up.
    func take() -> [Work] {
        var count: UInt64 = 0
        _ = read(readDescriptor, &count, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            state.isSignaled = false
            defer { state.work = [] }
            return state.work
        }
    }

    /// Refuses work from now on, and drops what waits.
    func close() {
        let dropped = state.withLock { state in
            state.isClosed = true
            defer { state.work = [] }
            return state.work
        }
        _ = dropped.count
    }

    private func close(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }
}
