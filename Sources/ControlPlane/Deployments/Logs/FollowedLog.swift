import DequeModule
import Synchronization

/// Something that is told to those who follow a deployment's logs.
public struct FollowedLogItem: Sendable, Hashable {
    /// What is told.
    public enum Content: Sendable, Hashable {
        /// A line of the container's log.
        case line(LogLine)
        /// What has happened to the pod or its container, or to the deployment, for people.
        case note(String)
    }

    /// The container; nil for what is told of the deployment.
    public let source: LogSource?
    /// What is told.
    public let content: Content
}

/// The logs of a deployment's pods as they are written, for one reader.
///
/// It ends when nothing more can come. When it is let go, or the reading task is cancelled, the API server is asked no further. It
/// holds little: a reader who is slow makes the API server wait.
public final class FollowedLog: AsyncSequence, Sendable {
    /// Something that is told.
    public typealias Element = FollowedLogItem
    /// It does not fail: what goes wrong is told.
    public typealias Failure = Never

    private let queue: FollowedLogQueue
    private let task: Task<Void, Never>

    init(_ produce: @escaping @Sendable (FollowedLogQueue) async -> Void) {
        let queue = FollowedLogQueue()
        self.queue = queue
        task = Task {
            await produce(queue)
            queue.end()
        }
    }

    deinit { cancel() }

    private func cancel() {
        task.cancel()
        queue.end()
    }

    private func next() async -> FollowedLogItem? {
        await withTaskCancellationHandler {
            await queue.next()
        } onCancel: {
            cancel()
        }
    }

    /// Begins to read; there can be one reader only.
    public func makeAsyncIterator() -> Iterator { Iterator(log: self) }

    /// Reads what is told.
    public struct Iterator: AsyncIteratorProtocol {
        let log: FollowedLog

        /// What is told next; nil at the end.
        public mutating func next() async -> FollowedLogItem? { await log.next() }

        /// What is told next; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> FollowedLogItem? {
            await log.next()
        }
    }
}

/// Hands items of several writers to one reader; writers wait while there are many.
final class FollowedLogQueue: Sendable {
    private struct State {
        var items: Deque<FollowedLogItem> = []
        var isOver = false
        var reader: CheckedContinuation<FollowedLogItem?, Never>?
        var writers: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var nextWriter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Items with which writers wait.
    private static let highWater = 512

    /// Adds items, and returns when there is room for more. Returns false when nobody reads any more.
    func send(_ items: [FollowedLogItem]) async -> Bool {
        guard !items.isEmpty else { return !Task.isCancelled }
        let (reader, first): (CheckedContinuation<FollowedLogItem?, Never>?, FollowedLogItem?) =
            state.withLock { state in
                guard !state.isOver else { return (nil, nil) }
                state.items.append(contentsOf: items)
                guard let reader = state.reader else { return (nil, nil) }
                state.reader = nil
                return (reader, state.items.popFirst())
            }
        reader?.resume(returning: first)
        return await waitForRoom()
    }

    private func waitForRoom() async -> Bool {
        let number = state.withLock { state in
            state.nextWriter += 1
            return state.nextWriter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.isOver || Task.isCancelled { return false }
                    if state.items.count < Self.highWater { return true }
                    state.writers[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let writer = state.withLock { $0.writers.removeValue(forKey: number) }
            writer?.resume(returning: false)
        }
    }

    /// The next item; nil at the end, and when the task is cancelled.
    func next() async -> FollowedLogItem? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                var isDecided = false
                var item: FollowedLogItem?
                var writers: [CheckedContinuation<Bool, Never>] = []
                state.withLock { state in
                    if Task.isCancelled {
                        isDecided = true
                    } else if let first = state.items.popFirst() {
                        isDecided = true
                        item = first
                        guard state.items.count < Self.highWater else { return }
                        writers = Array(state.writers.values)
                        state.writers = [:]
                    } else if state.isOver {
                        isDecided = true
                    } else {
                        state.reader = continuation
                    }
                }
                for writer in writers { writer.resume(returning: true) }
                if isDecided { continuation.resume(returning: item) }
            }
        } onCancel: {
            end()
        }
    }

    /// Lets the reader have what is there, and nothing after it.
    func end() {
        let (reader, writers) = state.withLock { state in
            state.isOver = true
            defer {
                state.reader = nil
                state.writers = [:]
            }
            return (state.reader, Array(state.writers.values))
        }
        reader?.resume(returning: nil)
        for writer in writers { writer.resume(returning: false) }
    }
}
