import Dispatch
import Synchronization

/// A count that handlers raise and tests wait for.
final class Tally: Sendable {
    /// What was waited for did not happen.
    struct NeverReached: Error {
        let goal: Int
        let value: Int
    }

    private struct State {
        var value = 0
        var waiters: [(goal: Int, semaphore: DispatchSemaphore)] = []
    }

    private let state = Mutex(State())

    var value: Int { state.withLock(\.value) }

    func add(_ number: Int = 1) {
        let reached = state.withLock { state in
            state.value += number
            let reached = state.waiters.filter { $0.goal <= state.value }
            state.waiters.removeAll { $0.goal <= state.value }
            return reached
        }
        for waiter in reached { waiter.semaphore.signal() }
    }

    /// Blocks until the count is `goal` or more.
    func wait(for goal: Int) throws {
        let semaphore = DispatchSemaphore(value: 0)
        let isReached = state.withLock { state in
            if state.value >= goal { return true }
            state.waiters.append((goal, semaphore))
            return false
        }
        guard !isReached, semaphore.wait(timeout: .now() + .seconds(Patience.seconds)) == .timedOut else {
            return
        }
        throw NeverReached(goal: goal, value: value)
    }
}
