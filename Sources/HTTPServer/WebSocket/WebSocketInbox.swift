import Synchronization

/// Messages on their way from the event loop to a handler. When too many wait, the loop stops reading from the client.
final class WebSocketInbox: Sendable {
    private struct State {
        var messages: [WebSocket.Message] = []
        var bytes = 0
        var isPaused = false
        var hasEnded = false
        var waiter: CheckedContinuation<WebSocket.Message?, Never>?
    }

    private let state = Mutex(State())
    /// Asks the loop to read again.
    private let resumeReading: @Sendable () -> Void

    /// Messages and bytes that may wait before reading stops.
    private static let messageLimit = 64
    private static let byteLimit = 1 << 20

    init(resumeReading: @escaping @Sendable () -> Void) {
        self.resumeReading = resumeReading
    }

    /// The next message, or nil when there will be none.
    func next() async -> WebSocket.Message? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (message, isReady, mustResume) = state.withLock { state in
                    guard state.messages.isEmpty else {
                        let message = state.messages.removeFirst()
                        state.bytes -= message.size
                        let mustResume = state.isPaused && state.messages.count < Self.messageLimit / 2
                        if mustResume { state.isPaused = false }
                        return (WebSocket.Message?.some(message), true, mustResume)
                    }
                    guard !state.hasEnded, !Task.isCancelled else { return (nil, true, false) }
                    state.waiter = continuation
                    return (nil, false, false)
                }
                if isReady { continuation.resume(returning: message) }
                if mustResume { resumeReading() }
            }
        } onCancel: {
            end()
        }
    }

    /// Adds a message; false when the loop must stop reading.
    func add(_ message: WebSocket.Message) -> Bool {
        let (waiter, goesOn) = state.withLock { state in
            guard !state.hasEnded else { return (CheckedContinuation<WebSocket.Message?, Never>?.none, true) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            state.messages.append(message)
            state.bytes += message.size
            state.isPaused = state.messages.count >= Self.messageLimit || state.bytes >= Self.byteLimit
            return (nil, !state.isPaused)
        }
        waiter?.resume(returning: message)
        return goesOn
    }

    /// No more messages will come; those that wait can still be taken.
    func end() {
        let waiter = state.withLock { state in
            state.hasEnded = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }
}
