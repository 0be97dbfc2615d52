import Dispatch
import Synchronization

/// A count that tests wait for without blocking.
final class Signal: Sendable {
    private struct State {
        var count = 0
        var waiters: [(goal: Int, resume: @Sendable () -> Void)] = []
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
        for waiter in reached { waiter.resume() }
    }

    /// Waits until the count is `goal` or more.
    func wait(for goal: Int = 1) async {
        await withCheckedContinuation { continuation in call(at: goal) { continuation.resume() } }
    }

    /// Blocks until the count is `goal` or more. For threads that a test has made.
    func block(for goal: Int) {
        let semaphore = DispatchSemaphore(value: 0)
        call(at: goal) { semaphore.signal() }
        semaphore.wait()
    }

    private func call(at goal: Int, _ resume: @escaping @Sendable () -> Void) {
        let isReached = state.withLock { state in
            if state.count < goal { state.waiters.append((goal, resume)) }
            return state.count >= goal
        }
        if isReached { resume() }
    }
}
