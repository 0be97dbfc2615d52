import Synchronization

/// Messages on their way from the event loop to a handler. When too many wait, the loop stops reading from the client.
final class WebSocketInbox: Sendable {
    private struct Waiter {
        let ticket: Int
        let continuation: CheckedContinuation<WebSocket.Message?, Never>
    }

    private struct State {
        var messages: [WebSocket.Message] = []
        var bytes = 0
        var isPaused = false
        var hasEnded = false
        var lastTicket = 0
        /// Calls of `next` that wait, the longest-waiting first; empty while messages wait.
        var waiters: [Waiter] = []

        /// Whether a loop that was stopped should read again: not at the first gap, but once half is gone.
        var mustResume: Bool {
            isPaused && messages.count <= WebSocketInbox.messageLimit / 2
                && bytes <= WebSocketInbox.byteLimit / 2
        }
    }

    private enum Step {
        case done(WebSocket.Message?, mustResume: Bool)
        case wait
    }

    private let state = Mutex(State())
    /// Asks the loop to read again.
    private let resumeReading: @Sendable () -> Void

    /// Messages and bytes that may wait before reading stops.
    static let messageLimit = 64
    static let byteLimit = 1 << 20

    init(resumeReading: @escaping @Sendable () -> Void) {
        self.resumeReading = resumeReading
    }

    /// The next message, or nil when there will be none, or the task was cancelled.
    func next() async -> WebSocket.Message? {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let step = state.withLock { state -> Step in
                    guard state.messages.isEmpty else {
                        let message = state.messages.removeFirst()
                        state.bytes -= message.size
                        let mustResume = state.mustResume
                        if mustResume { state.isPaused = false }
                        return .done(message, mustResume: mustResume)
                    }
                    // A cancellation that comes later finds the waiter below.
                    guard !state.hasEnded, !Task.isCancelled else { return .done(nil, mustResume: false) }
                    state.waiters.append(Waiter(ticket: ticket, continuation: continuation))
                    return .wait
                }
                guard case .done(let message, let mustResume) = step else { return }
                continuation.resume(returning: message)
                if mustResume { resumeReading() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// Adds a message; false when the loop must stop reading.
    func add(_ message: WebSocket.Message) -> Bool {
        let (waiter, goesOn) = state.withLock { state -> (Waiter?, Bool) in
            guard !state.hasEnded else { return (nil, true) }
            guard state.waiters.isEmpty else { return (state.waiters.removeFirst(), true) }
            state.messages.append(message)
            state.bytes += message.size
            state.isPaused =
                state.isPaused || state.messages.count >= Self.messageLimit || state.bytes >= Self.byteLimit
            return (nil, !state.isPaused)
        }
        waiter?.continuation.resume(returning: message)
        return goesOn
    }

    /// No more messages will come; those that wait can still be taken.
    func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }
}
