public import JSON
public import Store
import Synchronization

extension Timestamp {
    /// The time as the store keeps it.
    fileprivate var inMilliseconds: Timestamp {
        Timestamp(
            secondsSinceEpoch: secondsSinceEpoch,
            nanoseconds: Int64(nanoseconds) / 1_000_000 * 1_000_000
        )
    }
}

/// Runs long operations, one at a time for each subject, apart from the requests that asked for them: a client that goes away ends
/// nothing. What they write and how they end is kept.
public final class TaskService: Sendable {
    /// What an operation gives: a sentence for people, and an object for programs.
    public struct Outcome: Sendable {
        /// How it ended, for people.
        public var message: String
        /// What it gave.
        public var result: JSONValue

        /// An outcome.
        public init(message: String, result: JSONValue) {
            self.message = message
            self.result = result
        }
    }

    /// An operation. It throws `CancellationError`, or whatever it likes, once its task is cancelled.
    public typealias Operation = @Sendable (TaskOutput) async throws -> Outcome

    /// Another task works on the same subject.
    public struct Busy: Error, Sendable {
        /// The task that runs.
        public let running: TaskRecord
    }

    private struct State {
        /// All that are remembered, by number.
        var records: [TaskRecord] = []
        var running: [String: Task<Void, Never>] = [:]
        /// The tasks that were cancelled while they were put down, before they ran.
        var cancelled: Set<String> = []
        var isStopping = false
    }

    private let store: Store
    private let state: Mutex<State>
    /// Rings whenever a task has changed or written something.
    private let bell = TaskBell()
    private static let kept = 200

    /// A service that remembers these tasks, oldest first.
    public init(store: Store, remembering records: [TaskRecord] = []) {
        self.store = store
        state = Mutex(State(records: records))
    }

    /// A service that takes up what is kept. Tasks that ran when the process before ended are known as interrupted from now on.
    ///
    /// - Throws: what keeps the store from being used.
    public static func resume(_ store: Store, now: Timestamp = .now()) async throws(Store.Failure)
        -> TaskService
    {
        var records = try await store.tasks()
        for index in records.indices where records[index].state == .running {
            records[index].state = .interrupted
            records[index].finished = now.inMilliseconds
            records[index].message =
                "the server ended in the middle of this task; what it had begun may be half done, or go on"
            try await store.save(records[index])
        }
        return TaskService(store: store, remembering: records)
    }

    // MARK: Beginning and ending

    /// Begins an operation.
    ///
    /// - Throws: `Busy` while another works on the subject; `Store.Failure` when the task cannot be put down.
    public func start(
        _ kind: String,
        on subject: String,
        title: String,
        _ operation: @escaping Operation
    ) async throws -> TaskRecord {
        let record = try state.withLock { state -> TaskRecord in
            if let running = state.records.last(where: { $0.subject == subject && !$0.state.isFinal }) {
                throw Busy(running: running)
            }
            guard !state.isStopping else { throw CancellationError() }
            let record = TaskRecord(
                id: Self.makeID(),
                number: (state.records.last?.number ?? 0) + 1,
                kind: kind,
                subject: subject,
                title: title,
                started: Timestamp.now().inMilliseconds
            )
            state.records.append(record)
            state.records.removeFirst(max(0, state.records.count - Self.kept))
            return record
        }
        bell.ring()
        do throws(Store.Failure) {
            try await store.save(record)
        } catch {
            state.withLock { state in
                state.records.removeAll { $0.id == record.id }
                state.cancelled.remove(record.id)
            }
            bell.ring()
            throw error
        }
        state.withLock { state in
            let task = Task { await self.run(record, operation) }
            state.running[record.id] = task
            if state.cancelled.remove(record.id) != nil || state.isStopping { task.cancel() }
        }
        return record
    }

    private static func makeID() -> String {
        let text = String(UInt64.random(in: 0 ... .max), radix: 36)
        return "t" + String(repeating: "0", count: 13 - min(13, text.utf8.count)) + text
    }

    private func run(_ record: TaskRecord, _ operation: Operation) async {
        let output = TaskOutput(task: record.id, store: store, bell: bell)
        var ended = record
        do {
            let outcome = try await operation(output)
            ended.state = .succeeded
            ended.message = outcome.message
            ended.result = outcome.result
        } catch {
            let isStopping = state.withLock(\.isStopping)
            if Task.isCancelled {
                ended.state = isStopping ? .interrupted : .cancelled
                ended.message =
                    isStopping
                    ? "the server was stopped in the middle of this task; what it had begun may be half done"
                    : "cancelled; what it had begun may be half done"
            } else {
                let failure =
                    error as? TaskRecord.Failure
                    ?? TaskRecord.Failure(code: "INTERNAL_ERROR", message: "\(error)")
                ended.state = .failed
                ended.message = failure.message
                ended.failure = failure
            }
        }
        await output.flush()
        ended.finished = Timestamp.now().inMilliseconds
        // What cannot be put down is known as interrupted after a restart, which is the truth for all that anybody can tell then.
        try? await store.save(ended)
        state.withLock { state in
            if let index = state.records.firstIndex(where: { $0.id == ended.id }) {
                state.records[index] = ended
            }
            state.running[ended.id] = nil
        }
        bell.ring()
    }

    /// Ends a task that runs; nothing happens to one that does not.
    ///
    /// - Returns: false when there is no such task.
    public func cancel(_ id: String) -> Bool {
        let task = state.withLock { state -> (known: Bool, running: Task<Void, Never>?) in
            guard let record = state.records.last(where: { $0.id == id }) else { return (false, nil) }
            let running = state.running[id]
            if running == nil, !record.state.isFinal { state.cancelled.insert(id) }
            return (true, running)
        }
        task.running?.cancel()
        return task.known
    }

    /// Ends all tasks, which are interrupted thereby, and returns when they have ended. No more can begin.
    public func stop() async {
        let running = state.withLock { state in
            state.isStopping = true
            return Array(state.running.values)
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
        bell.close()
    }

    // MARK: Looking

    /// The tasks that are remembered, newest first.
    public var records: [TaskRecord] { state.withLock { $0.records.reversed() } }

    /// A task; nil when none of that id is remembered.
    public func record(_ id: String) -> TaskRecord? {
        state.withLock { state in state.records.last { $0.id == id } }
    }

    /// The task that works on a subject; nil when none does.
    public func running(on subject: String) -> TaskRecord? {
        state.withLock { state in state.records.last { $0.subject == subject && !$0.state.isFinal } }
    }

    /// The newest task on a subject; nil when none is remembered.
    public func latest(on subject: String) -> TaskRecord? {
        state.withLock { state in state.records.last { $0.subject == subject } }
    }

    /// A part of a task's output.
    public func output(of id: String, after number: Int64, limit: Int) async throws(Store.Failure)
        -> [TaskLine]
    {
        try await store.output(of: id, after: number, limit: limit)
    }

    /// A task as it stands when it has ended, or when that much time has passed; nil when there is no such task.
    public func wait(for id: String, atMost limit: Duration) async -> TaskRecord? {
        guard limit > .zero else { return record(id) }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: limit) }
            group.addTask {
                for await _ in self.bell.rings() where self.record(id)?.state.isFinal ?? true { return }
            }
            await group.next()
            group.cancelAll()
            return self.record(id)
        }
    }

    /// Rings at once, and then after each change of any task, until the server stops.
    public func rings() -> AsyncStream<Void> { bell.rings() }
}
