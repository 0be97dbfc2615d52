import DequeModule
import Dispatch
public import KubernetesModel
import SQLite
import Synchronization

/// Holds the cluster's objects in memory and on disk, orders the writes, and tells watchers.
///
/// Writes run one after another on a queue of their own; those that wait together are committed to disk together. A write is
/// visible, and acknowledged, once it is on disk. Readers take the present state without waiting for writers.
public final class ObjectStore: Sendable {
    /// The store cannot be opened.
    public struct CannotOpen: Error, CustomStringConvertible {
        /// Why, for people.
        public let description: String
    }

    /// What a write does. It may run on a state that is not on disk yet, so it must have no effect but on the transaction.
    public typealias Body<Value> = @Sendable (inout Transaction) throws(APIStatus) -> Value

    private struct Job: Sendable {
        /// Runs the write; the returned closure tells its caller how it ended.
        let run: @Sendable (inout Transaction) -> @Sendable (Journal.Failure?) -> Void
    }

    private struct Published {
        var state: ClusterState
        var logs: [GroupResource: ChangeLog] = [:]
        var pending: [Job] = []
        var isDraining = false
    }

    private let published: Mutex<Published>
    private let queue = DispatchQueue(label: "ingot.embedded-cluster.writer")
    /// Touched on `queue` only.
    nonisolated(unsafe) private var journal: Journal?
    /// The revision at the start: older changes are not known.
    private let firstRevision: UInt64
    private let changesKept: Int

    /// Opens the database at `path`, or makes it.
    ///
    /// - Parameter changesKept: How many changes of each resource a watch can resume across.
    public init(path: String, changesKept: Int = 4096) throws(CannotOpen) {
        do throws(Journal.Failure) {
            let journal = try Journal(path: path)
            let state = try journal.load()
            self.journal = journal
            firstRevision = state.revision
            published = Mutex(Published(state: state))
        } catch {
            throw CannotOpen(description: error.description)
        }
        self.changesKept = changesKept
    }

    /// The cluster as it is now.
    public var state: ClusterState { published.withLock(\.state) }

    // MARK: Writing

    /// Runs `body` and returns once what it did is on disk. When it throws, nothing of what it did remains.
    @discardableResult
    public func write<Value: Sendable>(_ body: @escaping Body<Value>) async throws(APIStatus) -> Value {
        let outcome: Result<Value, APIStatus> = await withCheckedContinuation { continuation in
            let job = Job { transaction in
                let outcome: Result<Value, APIStatus>
                var attempt = transaction
                do throws(APIStatus) {
                    outcome = .success(try body(&attempt))
                    transaction = attempt
                } catch {
                    outcome = .failure(error)
                }
                return { failure in
                    if let failure {
                        continuation.resume(
                            returning: .failure(
                                .internalError("the write did not reach the disk: \(failure)")
                            )
                        )
                    } else {
                        continuation.resume(returning: outcome)
                    }
                }
            }
            let mustStart = published.withLock { published in
                published.pending.append(job)
                defer { published.isDraining = true }
                return !published.isDraining
            }
            if mustStart { queue.async { self.drain() } }
        }
        return try outcome.get()
    }

    private func drain() {
        while true {
            let (jobs, state) = published.withLock { published in
                defer { published.pending = [] }
                if published.pending.isEmpty { published.isDraining = false }
                return (published.pending, published.state)
            }
            guard !jobs.isEmpty else { return }
            var transaction = Transaction(state)
            let finishes = jobs.map { $0.run(&transaction) }
            do throws(Journal.Failure) {
                guard let journal else { throw Journal.Failure(description: "the store is closed") }
                try journal.commit(transaction.changes)
                publish(transaction)
                for finish in finishes { finish(nil) }
            } catch {
                for finish in finishes { finish(error) }
            }
        }
    }

    private func publish(_ transaction: Transaction) {
        guard !transaction.changes.isEmpty else { return }
        let waiters = published.withLock { published in
            published.state = transaction.state
            var waiters: [CheckedContinuation<Void, Never>] = []
            for change in transaction.changes {
                published.logs[change.resource, default: ChangeLog(compacted: firstRevision)]
                    .append(change, keeping: changesKept)
            }
            for resource in Set(transaction.changes.map(\.resource)) {
                if let woken = published.logs[resource]?.takeWaiters() { waiters += woken }
            }
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Closes the database once the writes that wait are done, so that it can be opened again. Later writes fail.
    public func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.drain()
                self.journal = nil
                continuation.resume()
            }
        }
    }

    // MARK: Watching

    /// What happened to a resource since a revision, and what happens from now on.
    public func changes(of resource: GroupResource, since revision: UInt64) -> ChangeSequence {
        ChangeSequence(store: self, resource: resource, revision: revision)
    }

    /// What a watch finds when it looks.
    enum Look {
        /// Changes, and the revision up to which there are no others.
        case changes([Change], upTo: UInt64)
        /// Changes since then are no longer kept; the oldest revision that can be asked for.
        case expired(oldest: UInt64)
    }

    func look(at resource: GroupResource, since revision: UInt64) -> Look {
        published.withLock { published in
            let log = published.logs[resource] ?? ChangeLog(compacted: firstRevision)
            guard revision >= log.compacted else { return .expired(oldest: log.compacted) }
            return .changes(log.changes(since: revision), upTo: published.state.revision)
        }
    }

    /// Returns when the resource has changed since the revision, or the task is cancelled.
    func waitForChange(of resource: GroupResource, since revision: UInt64) async {
        let ticket = WaitTicket()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = published.withLock { published in
                    if Task.isCancelled { return true }
                    var log = published.logs[resource] ?? ChangeLog(compacted: firstRevision)
                    if log.latest > revision { return true }
                    log.waiters[ObjectIdentifier(ticket)] = continuation
                    published.logs[resource] = log
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter = published.withLock {
                $0.logs[resource]?.waiters.removeValue(forKey: ObjectIdentifier(ticket))
            }
            waiter?.resume()
        }
    }
}

/// Identifies one wait.
private final class WaitTicket: Sendable {}

/// The latest changes of one resource, and those who wait for the next.
private struct ChangeLog {
    private var entries: Deque<Change> = []
    /// Changes up to this revision are not here.
    private(set) var compacted: UInt64
    var waiters: [ObjectIdentifier: CheckedContinuation<Void, Never>] = [:]

    init(compacted: UInt64) {
        self.compacted = compacted
    }

    var latest: UInt64 { entries.last?.revision ?? compacted }

    mutating func append(_ change: Change, keeping limit: Int) {
        entries.append(change)
        if entries.count > limit, let first = entries.popFirst() { compacted = first.revision }
    }

    mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
        defer { waiters = [:] }
        return Array(waiters.values)
    }

    /// The changes after that revision, in order.
    func changes(since revision: UInt64) -> [Change] {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return Array(entries[low...])
    }
}
