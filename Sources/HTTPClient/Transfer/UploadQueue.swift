import Synchronization

/// Bytes of a request's body between the task that makes them and the loop that sends them.
final class UploadQueue: Sendable {
    /// What the loop finds when it wants to send.
    enum Read {
        /// So many bytes were copied.
        case bytes(Int)
        /// Nothing yet; `resumeSending` will be posted.
        case nothingYet
        /// There is no more.
        case end
    }

    /// The sequence has more or fewer bytes than was said.
    private struct WrongLength: Error {}

    private struct State {
        /// Bytes that were offered so far.
        var total = 0
        var chunk: [UInt8] = []
        var offset = 0
        var isAtEnd = false
        var hasFailed = false
        var isReaderWaiting = false
        /// The producer, until its chunk was taken. It gets false when the transfer has ended.
        var producer: CheckedContinuation<Bool, Never>?
        var pump: Task<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let transferID: UInt64
    private let mailbox: LoopMailbox

    init(transferID: UInt64, mailbox: LoopMailbox) {
        self.transferID = transferID
        self.mailbox = mailbox
    }

    /// Begins to ask for chunks.
    func begin(_ stream: HTTPClientBodyStream) {
        let pump = Task {
            do {
                try await stream.forEachChunk { chunk in
                    try self.count(chunk, length: stream.length)
                    guard await self.offer(chunk) else { throw CancellationError() }
                }
                self.end(failed: stream.length.map { $0 != self.total } ?? false)
            } catch {
                self.end(failed: true)
            }
        }
        let isClosed = state.withLock { state in
            state.pump = pump
            return state.isClosed
        }
        if isClosed { pump.cancel() }
    }

    private var total: Int { state.withLock(\.total) }

    private func count(_ chunk: [UInt8], length: Int?) throws {
        let total = state.withLock { state in
            state.total += chunk.count
            return state.total
        }
        if let length, total > length { throw WrongLength() }
    }

    /// Offers a chunk and waits until it was taken. False: the transfer has ended.
    private func offer(_ chunk: [UInt8]) async -> Bool {
        guard !chunk.isEmpty else { return true }
        return await withCheckedContinuation { continuation in
            let (isClosed, mustResume) = state.withLock { state in
                guard !state.isClosed else { return (true, false) }
                state.chunk = chunk
                state.offset = 0
                state.producer = continuation
                defer { state.isReaderWaiting = false }
                return (false, state.isReaderWaiting)
            }
            if isClosed { continuation.resume(returning: false) }
            if mustResume { mailbox.post(.resumeSending(transferID)) }
        }
    }

    private func end(failed: Bool) {
        let mustResume = state.withLock { state in
            guard !state.isClosed else { return false }
            state.isAtEnd = true
            state.hasFailed = failed
            state.pump = nil
            defer { state.isReaderWaiting = false }
            return state.isReaderWaiting || failed
        }
        // libcurl reads no further than the length that was said, so a failure is told apart from reading.
        if mustResume { mailbox.post(failed ? .failSending(transferID) : .resumeSending(transferID)) }
    }

    /// Copies what there is to send. For the loop.
    func read(into target: UnsafeMutableRawBufferPointer) -> Read {
        let (result, producer): (Read, CheckedContinuation<Bool, Never>?) = state.withLock { state in
            let count = min(target.count, state.chunk.count - state.offset)
            if count > 0 {
                state.chunk.withUnsafeBytes { bytes in
                    target.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: bytes[state.offset..<state.offset + count])
                    )
                }
                state.offset += count
                guard state.offset == state.chunk.count else { return (.bytes(count), nil) }
                state.chunk = []
                state.offset = 0
                defer { state.producer = nil }
                return (.bytes(count), state.producer)
            }
            if state.isAtEnd, !state.hasFailed { return (.end, nil) }
            state.isReaderWaiting = true
            return (.nothingYet, nil)
        }
        producer?.resume(returning: true)
        return result
    }

    /// The transfer has ended: the producer's task is cancelled.
    func close() {
        let (producer, pump) = state.withLock { state in
            state.isClosed = true
            state.chunk = []
            state.offset = 0
            defer {
                state.producer = nil
                state.pump = nil
            }
            return (state.producer, state.pump)
        }
        producer?.resume(returning: false)
        pump?.cancel()
    }
}
