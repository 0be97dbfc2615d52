import DequeModule
import Synchronization

/// Keys that wait to be reconciled, each once however often it is added, for one reader.
final class KeyQueue: Sendable {
    private struct State {
        var keys: Deque<ObjectKey> = []
        var known: Set<ObjectKey> = []
        var isClosed = false
        /// The delay that counts for each key that has one: a later one takes the place of an earlier.
        var tickets: [ObjectKey: UInt64] = [:]
        var lastTicket: UInt64 = 0
        var reader: CheckedContinuation<ObjectKey?, Never>?
    }

    private let state = Mutex(State())

    /// Adds keys behind those that wait already.
    func add(_ keys: [ObjectKey]) {
        guard !keys.isEmpty else { return }
        let delivery = state.withLock { state -> (CheckedContinuation<ObjectKey?, Never>, ObjectKey)? in
            for key in keys where state.known.insert(key).inserted { state.keys.append(key) }
            guard let reader = state.reader, let first = state.keys.popFirst() else { return nil }
            state.known.remove(first)
            state.reader = nil
            return (reader, first)
        }
        if let (reader, key) = delivery { reader.resume(returning: key) }
    }

    /// Makes a delay the one that counts for its key.
    func ticket(for key: ObjectKey) -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            state.tickets[key] = state.lastTicket
            return state.lastTicket
        }
    }

    /// No delay counts for the key any more.
    func forgetTicket(for key: ObjectKey) {
        state.withLock { _ = $0.tickets.removeValue(forKey: key) }
    }

    /// Adds a key whose delay is over, unless another delay has taken its place.
    func add(_ key: ObjectKey, _ ticket: UInt64) {
        let isCurrent = state.withLock { state in
            guard state.tickets[key] == ticket else { return false }
            state.tickets[key] = nil
            return true
        }
        if isCurrent { add([key]) }
    }

    /// Ends the reader's wait; keys that are left are not read.
    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// The next key, once there is one; nil when the queue is closed.
    func next() async -> ObjectKey? {
        await withCheckedContinuation { continuation in
            let outcome = state.withLock { state -> ObjectKey?? in
                if state.isClosed { return .some(nil) }
                guard let key = state.keys.popFirst() else {
                    state.reader = continuation
                    return nil
                }
                state.known.remove(key)
                return .some(key)
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }
}
