import Synchronization

/// Wakes those who wait for news of tasks. Several rings that nobody has heard yet are one.
final class TaskBell: Sendable {
    private struct State {
        var listeners: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var next: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Wakes everybody.
    func ring() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// Lets everybody go.
    func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    /// Rings once at once, since something may have happened before.
    func rings() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = state.withLock { state -> UInt64? in
                guard !state.isClosed else { return nil }
                state.next += 1
                state.listeners[state.next] = continuation
                return state.next
            }
            continuation.yield()
            guard let number else { return continuation.finish() }
            continuation.onTermination = { [self] _ in
                let listener = state.withLock { $0.listeners.removeValue(forKey: number) }
                withExtendedLifetime(listener) {}
            }
        }
    }
}
