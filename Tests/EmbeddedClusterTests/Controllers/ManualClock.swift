import JSON
import Synchronization

/// A clock that a test moves.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [ObjectIdentifier: Sleeper] = [:]
        var observers: [ObjectIdentifier: CheckedContinuation<Void, Never>] = [:]
    }

    private final class Ticket: Sendable {}

    private let state = Mutex(State())

    var now: Instant { state.withLock(\.now) }
    var minimumResolution: Duration { .zero }

    /// The time of day: it starts at 2026-01-01T00:00:00Z.
    var time: Timestamp {
        let (seconds, attoseconds) = now.offset.components
        return Timestamp(secondsSinceEpoch: 1_767_225_600 + seconds, nanoseconds: attoseconds / 1_000_000_000)
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let ticket = Ticket()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, observers) = state.withLock { state in
                    if Task.isCancelled || deadline <= state.now {
                        return (true, [CheckedContinuation<Void, Never>]())
                    }
                    state.sleepers[ObjectIdentifier(ticket)] = Sleeper(
                        deadline: deadline,
                        continuation: continuation
                    )
                    defer { state.observers = [:] }
                    return (false, Array(state.observers.values))
                }
                if isOver { continuation.resume() }
                for observer in observers { observer.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: ObjectIdentifier(ticket)) }
            sleeper?.continuation.resume()
        }
        try Task.checkCancellation()
    }

    /// Moves the time on and wakes whom it is time for.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            let due = state.sleepers.filter { $0.value.deadline <= now }
            for ticket in due.keys { state.sleepers[ticket] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    private func isSlept(in state: State, within duration: Duration) -> Bool {
        let limit = state.now.advanced(by: duration)
        return state.sleepers.values.contains { $0.deadline <= limit }
    }

    /// Returns once somebody sleeps until that long from now or less, or the task is cancelled.
    func somebodySleeps(within duration: Duration) async {
        while !Task.isCancelled, !state.withLock({ isSlept(in: $0, within: duration) }) {
            let ticket = Ticket()
            await withTaskCancellationHandler {
                await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                    let isSo = state.withLock { state in
                        if Task.isCancelled || isSlept(in: state, within: duration) { return true }
                        state.observers[ObjectIdentifier(ticket)] = continuation
                        return false
                    }
                    if isSo { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.observers.removeValue(forKey: ObjectIdentifier(ticket)) }?.resume()
            }
        }
    }
}
