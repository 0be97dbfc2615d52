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
        var observers: [CheckedContinuation<Void, Never>] = []
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
                    defer { state.observers = [] }
                    return (false, state.observers)
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

    /// Returns once somebody sleeps until that long from now or less.
    func somebodySleeps(within duration: Duration) async {
        while true {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isSo = state.withLock { state in
                    let limit = state.now.advanced(by: duration)
                    if state.sleepers.values.contains(where: { $0.deadline <= limit }) { return true }
                    state.observers.append(continuation)
                    return false
                }
                if isSo { continuation.resume() }
            }
            let isThere = state.withLock { state in
                let limit = state.now.advanced(by: duration)
                return state.sleepers.values.contains { $0.deadline <= limit }
            }
            if isThere { return }
        }
    }
}
