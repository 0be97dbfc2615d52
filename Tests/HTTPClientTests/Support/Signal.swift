import Synchronization

/// A count that tests wait for without blocking.
final class Signal: Sendable {
    private struct State {
        var count = 0
        var waiters: [(goal: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock(\.count) }

    func add(_ number: Int = 1) {
        let reached = state.withLock { state in
            state.count += number
            let reached = state.waiters.filter { $0.goal <= state.count }
            state.waiters.removeAll { $0.goal <= state.count }
            return reached
        }
        for waiter in reached { waiter.continuation.resume() }
    }

    /// Waits until the count is `goal` or more.
    func wait(for goal: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.count < goal { state.waiters.append((goal, continuation)) }
                return state.count >= goal
            }
            if isReached { continuation.resume() }
        }
    }
}
