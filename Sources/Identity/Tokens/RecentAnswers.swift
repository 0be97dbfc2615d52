internal import Synchronization

/// What was asked elsewhere a moment ago. Those who ask the same at once share one answer, and only answers that say something are
/// kept: a failure is told to those who wait for it and then forgotten.
final class RecentAnswers<Key: Hashable & Sendable, Value: Sendable, Failure: Error>: Sendable {
    private struct Kept {
        let value: Value
        let end: ContinuousClock.Instant
    }

    private struct State {
        var kept: [Key: Kept] = [:]
        var running: [Key: Task<Result<Value, Failure>, Never>] = [:]
    }

    /// How an answer is come by.
    private enum Way {
        case known(Value)
        case running(Task<Result<Value, Failure>, Never>)
        case overloaded
    }

    private let state = Mutex(State())
    /// The most answers that are kept.
    private let capacity: Int
    /// The most questions that wait for their answers.
    private let questions: Int

    init(capacity: Int, questions: Int) {
        self.capacity = capacity
        self.questions = questions
    }

    /// The answer, where it is known.
    func known(_ key: Key, at now: ContinuousClock.Instant) -> Value? {
        state.withLock { state in
            guard let kept = state.kept[key], kept.end > now else { return nil }
            return kept.value
        }
    }

    /// The answer, asked for where it is not known.
    ///
    /// - Parameters:
    ///   - overload: the failure where too many questions wait already.
    ///   - ask: finds the answer, and for how long it holds.
    func answer(
        _ key: Key,
        overload: Failure,
        ask: @escaping @Sendable () async throws(Failure) -> (Value, Duration)
    ) async throws(Failure) -> Value {
        let now = ContinuousClock.now
        let way: Way = state.withLock { state in
            if let kept = state.kept[key], kept.end > now { return .known(kept.value) }
            if let task = state.running[key] { return .running(task) }
            guard state.running.count < questions else { return .overloaded }
            // Not a child of the one who asks first: others wait for it too.
            let task = Task.detached { await self.find(key, ask) }
            state.running[key] = task
            return .running(task)
        }
        switch way {
        case .known(let value): return value
        case .running(let task): return try await task.value.get()
        case .overloaded: throw overload
        }
    }

    private func find(
        _ key: Key,
        _ ask: @Sendable () async throws(Failure) -> (Value, Duration)
    ) async -> Result<Value, Failure> {
        let result: Result<(Value, Duration), Failure>
        do throws(Failure) {
            result = .success(try await ask())
        } catch {
            result = .failure(error)
        }
        let now = ContinuousClock.now
        state.withLock { state in
            state.running[key] = nil
            guard case .success((let value, let duration)) = result, duration > .zero else { return }
            if state.kept.count >= capacity { makeRoom(&state, now) }
            state.kept[key] = Kept(value: value, end: now + duration)
        }
        return result.map(\.0)
    }

    /// Forgets what has ended and, if nothing has, half of the rest: which half does not matter, since all of it is short-lived.
    private func makeRoom(_ state: inout State, _ now: ContinuousClock.Instant) {
        state.kept = state.kept.filter { $0.value.end > now }
        guard state.kept.count >= capacity else { return }
        for key in Array(state.kept.keys.prefix(capacity / 2 + 1)) { state.kept[key] = nil }
    }
}
