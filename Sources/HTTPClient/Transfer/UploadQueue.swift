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

    /// Bytes that wait to be sent before the producer is held back.
    private static let bound = 64 * 1024

    private struct State {
        /// Bytes that were offered so far.
        var total = 0
        /// Bytes of which those from `offset` on are still to be sent.
        var buffer: [UInt8] = []
        var offset = 0
        var isAtEnd = false
        var hasFailed = false
        var isReaderWaiting = false
        /// The producer, while too many bytes wait. It gets false when the transfer has ended.
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

    /// Offers a chunk, and waits until there is room for more. False: the transfer has ended.
    private func offer(_ chunk: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            let (known, mustResume): (Bool?, Bool) = state.withLock { state in
                guard !state.isClosed else { return (false, false) }
                guard !chunk.isEmpty else { return (true, false) }
                if state.buffer.isEmpty { state.buffer = chunk } else { state.buffer += chunk }
                let isFull = state.buffer.count - state.offset >= Self.bound
                if isFull { state.producer = continuation }
                defer { state.isReaderWaiting = false }
                return (isFull ? nil : true, state.isReaderWaiting)
            }
            if let known { continuation.resume(returning: known) }
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
            let count = min(target.count, state.buffer.count - state.offset)
            if count > 0 {
                state.buffer.withUnsafeBytes { bytes in
                    let next = bytes[state.offset..<state.offset + count]
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: next))
                }
                state.offset += count
                if state.offset == state.buffer.count {
                    state.buffer = []
                    state.offset = 0
                }
                guard state.buffer.count - state.offset < Self.bound else { return (.bytes(count), nil) }
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
            state.buffer = []
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
