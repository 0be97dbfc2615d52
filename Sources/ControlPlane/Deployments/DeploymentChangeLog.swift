import DequeModule
import Dispatch
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
        /// Whether the followers will be told.
        var isDue = false
        /// When they may be told again.
        var earliest = DispatchTime(uptimeNanoseconds: 0)
    }

    /// For how long followers are not told again, for each that there is, and at most. To wake one and to write to its client takes
    /// tens of microseconds: where many follow many changes, each is told of some at a time, which costs little more than one.
    private static let pauseMicroseconds = (each: 50, most: 50_000)

    private let state = Mutex(State())
    private let capacity: Int
    /// Where followers are told, so that what finds the changes does not wait for that.
    private let queue = DispatchQueue(label: "ingot.deployment-changes")

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

    /// Has the followers told that there is something new: at once, unless they were told just now.
    func deliver() {
        let due: DispatchTime? = state.withLock { state in
            guard !state.isDue, !state.followers.isEmpty else { return nil }
            state.isDue = true
            return state.earliest
        }
        guard let due else { return }
        if due <= .now() {
            queue.async { [weak self] in self?.tellFollowers() }
        } else {
            queue.asyncAfter(deadline: due) { [weak self] in self?.tellFollowers() }
        }
    }

    private func tellFollowers() {
        let followers = state.withLock { state in
            let pause = Self.pauseMicroseconds
            state.isDue = false
            state.earliest = .now() + .microseconds(min(pause.each * state.followers.count, pause.most))
            return Array(state.followers.values)
        }
        for follower in followers { follower() }
    }

    /// The changes behind the one with that number, the first ones where there are more than `limit`.
    public func changes(after revision: UInt64, limit: Int = .max) -> Answer {
        state.withLock { state in
            guard revision >= state.forgotten else { return .tooOld }
            // The numbers of changes follow each other.
            let skipped = state.changes.first.map { first in
                revision < first.revision ? 0 : Int(clamping: revision - first.revision) + 1
            }
            return .changes(Array(state.changes.dropFirst(skipped ?? 0).prefix(limit)))
        }
    }

    /// Calls `follower` when there is something new, once for changes that come soon after each other, until the returned token is let go. It must not wait for anything.
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
