import Synchronization

/// Where a producer writes a streamed body. It holds little: a producer that is faster than the client waits.
public final class ResponseBodyWriter: Sendable {
    /// The client has gone, or the server has given the connection up.
    public struct Closed: Error, Sendable {}

    private struct State {
        var chunks: [[UInt8]] = []
        var bytes = 0
        var isAnnounced = false
        var isClosed = false
        var isBetweenEvents = true
        var waiter: CheckedContinuation<Void, any Error>?
    }

    private let state = Mutex(State())
    /// Tells the loop that there is something to take.
    private let announce: @Sendable () -> Void

    /// Bytes that may wait here before a write suspends.
    static let highWater = 64 * 1024

    init(announce: @escaping @Sendable () -> Void) {
        self.announce = announce
    }

    /// Sends `bytes`, and returns when there is room for more.
    ///
    /// - Throws: `Closed` when the client has gone, `CancellationError` when the task was cancelled.
    public func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        guard !bytes.isEmpty else { return }
        let (mustAnnounce, mustWait) = try state.withLock { state in
            guard !state.isClosed else { throw Closed() }
            state.chunks.append(bytes)
            state.bytes += bytes.count
            state.isBetweenEvents = bytes.suffix(2).elementsEqual([0x0A, 0x0A])
            defer { state.isAnnounced = true }
            return (!state.isAnnounced, state.bytes >= Self.highWater)
        }
        if mustAnnounce { announce() }
        if mustWait { try await waitForRoom() }
    }

    /// Whether what was written ends with an empty line, as server-sent events do, or nothing was written.
    var isBetweenEvents: Bool { state.withLock(\.isBetweenEvents) }

    private func waitForRoom() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.isClosed { return .failure(Closed()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.bytes < Self.highWater { return .success(()) }
                    state.waiter = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    // MARK: The loop's side

    /// Takes everything written so far and lets the producer go on.
    func take() -> [[UInt8]] {
        let (chunks, waiter) = state.withLock { state in
            defer {
                state.chunks = []
                state.bytes = 0
                state.isAnnounced = false
                state.waiter = nil
            }
            return (state.chunks, state.waiter)
        }
        waiter?.resume()
        return chunks
    }

    /// Makes the current and every later write throw.
    func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            state.chunks = []
            state.bytes = 0
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: Closed())
    }
}
