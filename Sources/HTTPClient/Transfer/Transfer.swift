import HTTPTypes
import Synchronization

/// One exchange with a server, as the tasks that wait for it see it. The loop feeds it from its own thread.
final class Transfer: Sendable {
    private typealias HeadWaiter = CheckedContinuation<Result<ResponseHead, HTTPClientError>, Never>
    private typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, HTTPClientError>, Never>

    private struct State {
        var head: ResponseHead?
        var headWaiter: HeadWaiter?
        var buffer: [UInt8] = []
        var chunkWaiter: ChunkWaiter?
        var isPaused = false
        /// What the transfer came to; nil while it goes on.
        var outcome: Result<Void, HTTPClientError>?
    }

    let id: UInt64
    let host: String
    private let mailbox: LoopMailbox
    private let measurement: TransferMeasurement
    private let state = Mutex(State())

    private static let lastID = Atomic<UInt64>(0)

    init(host: String, mailbox: LoopMailbox, measurement: TransferMeasurement) {
        self.measurement = measurement
        id = Self.lastID.add(1, ordering: .relaxed).newValue
        self.host = host
        self.mailbox = mailbox
    }

    var hasEnded: Bool { state.withLock { $0.outcome != nil } }
}

// For the tasks that wait.
extension Transfer {
    /// The head of the answer. `start` is called once it is waited for.
    func waitForHead(start: @Sendable () -> Void) async throws(HTTPClientError) -> ResponseHead {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: HeadWaiter) in
                let known: Result<ResponseHead, HTTPClientError>? = state.withLock { state in
                    if let head = state.head { return .success(head) }
                    if case .failure(let error) = state.outcome { return .failure(error) }
                    state.headWaiter = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) } else { start() }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// The bytes that wait, or the first that arrive; nil at the body's end.
    func nextChunk() async throws(HTTPClientError) -> [UInt8]? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: ChunkWaiter) in wait(continuation) }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    private func wait(_ continuation: ChunkWaiter) {
        let (known, mustResume): (Result<[UInt8]?, HTTPClientError>?, Bool) = state.withLock { state in
            if case .failure(let error) = state.outcome, error.kind == .cancelled {
                return (.failure(error), false)
            }
            if !state.buffer.isEmpty {
                let chunk = state.buffer
                state.buffer = []
                defer { state.isPaused = false }
                return (.success(chunk), state.isPaused && state.outcome == nil)
            }
            switch state.outcome {
            case .success: return (.success(nil), false)
            case .failure(let error): return (.failure(error), false)
            case nil: break
            }
            guard state.chunkWaiter == nil else {
                return (.failure(error(.invalidRequest, "two tasks read one body")), false)
            }
            state.chunkWaiter = continuation
            return (nil, false)
        }
        if let known { continuation.resume(returning: known) }
        if mustResume { mailbox.post(.resumeReceiving(id)) }
    }

    /// Ends the transfer as cancelled, unless it has ended already.
    func cancel() {
        end(.failure(error(.cancelled, "the request was cancelled")))
    }

    /// Ends the transfer, unless it has ended already, and has the loop forget it.
    func end(_ outcome: Result<Void, HTTPClientError>) {
        if finish(outcome) { mailbox.post(.abandon(id)) }
    }

    func error(_ kind: HTTPClientError.Kind, _ reason: String) -> HTTPClientError {
        HTTPClientError(kind, host: host, reason: reason)
    }
}

// For the loop.
extension Transfer {
    /// The answer's head has arrived.
    func receive(_ head: ResponseHead) {
        let waiter = state.withLock { state in
            guard state.outcome == nil else { return nil as HeadWaiter? }
            state.head = head
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: .success(head))
    }

    /// Takes bytes of the body. False: `bound` bytes wait already, and `resumeReceiving` will be posted when they no longer do.
    func receive(_ bytes: UnsafeRawBufferPointer, bound: Int) -> Bool {
        let (isTaken, waiter): (Bool, ChunkWaiter?) = state.withLock { state in
            guard state.outcome == nil else { return (true, nil) }
            if let waiter = state.chunkWaiter {
                state.chunkWaiter = nil
                return (true, waiter)
            }
            guard state.buffer.count < bound else {
                state.isPaused = true
                return (false, nil)
            }
            state.buffer.append(contentsOf: bytes)
            return (true, nil)
        }
        waiter?.resume(returning: .success([UInt8](bytes)))
        return isTaken
    }

    /// Ends the transfer, unless it has ended already. What arrived before a failure can still be read, except after a
    /// cancellation.
    @discardableResult
    func finish(_ outcome: Result<Void, HTTPClientError>) -> Bool {
        let (isFirst, status, headWaiter, chunkWaiter): (Bool, Int?, HeadWaiter?, ChunkWaiter?) =
            state.withLock { state in
                guard state.outcome == nil else { return (false, nil, nil, nil) }
                state.outcome = outcome
                defer {
                    state.headWaiter = nil
                    state.chunkWaiter = nil
                }
                return (true, state.head?.status.code, state.headWaiter, state.chunkWaiter)
            }
        guard isFirst else { return false }
        switch outcome {
        case .success:
            measurement.ended(status: status, error: nil)
            headWaiter?.resume(
                returning: .failure(error(.cutOff, "the connection ended before the answer's head"))
            )
            chunkWaiter?.resume(returning: .success(nil))
        case .failure(let error):
            measurement.ended(status: status, error: error)
            headWaiter?.resume(returning: .failure(error))
            chunkWaiter?.resume(returning: .failure(error))
        }
        return true
    }
}
