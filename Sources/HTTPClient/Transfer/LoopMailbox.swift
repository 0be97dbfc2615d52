import CLinux
import Glibc
import Synchronization

/// What the loop is told from other threads.
enum LoopCommand: Sendable {
    /// Begin a transfer.
    case start(TransferStart)
    /// Forget a transfer that has ended for those who waited for it.
    case abandon(UInt64)
    /// Go on receiving: the reader has taken what waited.
    case resumeReceiving(UInt64)
    /// Go on sending: there are bytes of the request's body, or it has ended.
    case resumeSending(UInt64)
    /// End a transfer: its request's body cannot be made.
    case failSending(UInt64)
    /// End all transfers, and the loop.
    case stop
}

/// The way into the loop from other threads: commands are carried out in the order in which they were posted.
final class LoopMailbox: Sendable {
    private struct State {
        var commands: [LoopCommand] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// An eventfd, readable while there are commands.
    let descriptor: Int32

    init() throws(HTTPClientError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw HTTPClientError(.connect, host: "", reason: "no descriptor for a client")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Has the loop carry out a command soon. False: the loop has ended.
    @discardableResult
    func post(_ command: LoopCommand) -> Bool {
        let (isOpen, mustWake) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if mustWake {
            var one: UInt64 = 1
            _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
        }
        return isOpen
    }

    /// Takes what was posted since the last call.
    func take() -> [LoopCommand] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Refuses commands from now on, and returns those that wait.
    func closeForGood() -> [LoopCommand] {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
