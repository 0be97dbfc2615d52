internal import Synchronization

/// Work that several tasks wait for, each of which may be cancelled without harm to the others. When all of them are, so is the
/// work.
final class SharedWork<Value: Sendable>: Sendable {
    private struct State {
        var outcome: Result<Value, HubError>?
        var waiters: [Int: CheckedContinuation<Result<Value, HubError>, Never>] = [:]
        var nextNumber = 0
        /// Callers that have not been cancelled, whether they wait already or not yet.
        var interested = 0
        var isAbandoned = false
        var task: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Starts the work.
    init(_ work: @escaping @Sendable () async throws(HubError) -> Value) {
        let task = Task {
            let outcome: Result<Value, HubError>
            do throws(HubError) {
                outcome = .success(try await work())
            } catch {
                outcome = .failure(error)
            }
            self.finish(outcome)
        }
        state.withLock { $0.task = task }
    }

    /// The work's outcome; nil when nobody waited for it any more and so it was cancelled.
    ///
    /// - Throws: the work's error; `cancelled` when the calling task is cancelled.
    func value() async throws(HubError) -> Value? {
        let number: Int? = state.withLock { state in
            guard !state.isAbandoned else { return nil }
            state.interested += 1
            state.nextNumber += 1
            return state.nextNumber
        }
        guard let number else { return nil }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Result<Value, HubError>? = state.withLock { state in
                    if let outcome = state.outcome { return outcome }
                    if Task.isCancelled { return .failure(.cancelled) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            cancel(number)
        }
        return try outcome.get()
    }

    /// Callers that have come and were not cancelled.
    var interested: Int { state.withLock(\.interested) }

    private func finish(_ outcome: Result<Value, HubError>) {
        let waiters = state.withLock { state in
            state.outcome = outcome
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    /// Runs once for each cancelled caller, whether it waits already or not yet.
    private func cancel(_ number: Int) {
        let (waiter, task) = state.withLock { state in
            state.interested -= 1
            if state.interested == 0, state.outcome == nil { state.isAbandoned = true }
            return (state.waiters.removeValue(forKey: number), state.isAbandoned ? state.task : nil)
        }
        waiter?.resume(returning: .failure(.cancelled))
        task?.cancel()
    }
}
