import DequeModule
import Synchronization

/// The latest changes of deployments, for those who follow them.
public final class DeploymentChangeLog: Sendable {
    /// The changes behind a certain one.
    public enum Answer: Sendable {
        /// All of them, in order.
        case changes([DeploymentChange])
        /// Some of them are no longer known.
        case tooOld
    }

    private struct State {
        var changes: Deque<DeploymentChange> = []
        /// The number of the newest change that is no longer known.
        var forgotten: UInt64 = 0
        var followers: [UInt64: @Sendable () -> Void] = [:]
        var nextFollower: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// A log of that many changes.
    init(capacity: Int = 8192) {
        self.capacity = capacity
    }

    func add(_ change: DeploymentChange) {
        state.withLock { state in
            state.changes.append(change)
            while state.changes.count > capacity {
                if let first = state.changes.popFirst() { state.forgotten = first.revision }
            }
        }
    }

    /// Tells the followers that there is something new.
    func deliver() {
        let followers = state.withLock { Array($0.followers.values) }
        for follower in followers { follower() }
    }

    /// The changes behind the one with that number.
    public func changes(after revision: UInt64) -> Answer {
        state.withLock { state in
            guard revision >= state.forgotten else { return .tooOld }
            // The numbers of changes follow each other.
            let skipped = state.changes.first.map { first in
                revision < first.revision ? 0 : Int(clamping: revision - first.revision) + 1
            }
            return .changes(Array(state.changes.dropFirst(skipped ?? 0)))
        }
    }

    /// Calls `follower` whenever there is something new, until the returned token is let go. It must not wait for anything.
    public func follow(_ follower: @escaping @Sendable () -> Void) -> Following {
        state.withLock { state in
            state.nextFollower += 1
            state.followers[state.nextFollower] = follower
            return Following(log: self, number: state.nextFollower)
        }
    }

    /// Ends the following when it is let go.
    public final class Following: Sendable {
        private let log: DeploymentChangeLog
        private let number: UInt64

        fileprivate init(log: DeploymentChangeLog, number: UInt64) {
            self.log = log
            self.number = number
        }

        deinit {
            let number = number
            log.state.withLock { $0.followers[number] = nil }
        }
    }
}
