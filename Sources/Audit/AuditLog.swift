internal import Dispatch
internal import JSON
internal import Synchronization

/// A log of the requests that may have changed something: JSON lines, each with the hash of the line before it.
///
/// A line is on the disk before ``append(_:)`` returns. Lines that come while the disk is busy are written together, so that waiting
/// for the disk costs each of many requests little.
public final class AuditLog: Sendable {
    private struct Waiting {
        let entry: AuditEntry
        let done: CheckedContinuation<AuditFailure?, Never>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isWriting = false
        var failure: AuditFailure?
        var isProbing = false
    }

    /// The writer, which only the queue's one thread touches.
    private final class Disk: @unchecked Sendable {
        var writer: AuditWriter

        init(_ writer: consuming AuditWriter) {
            self.writer = writer
        }
    }

    private let state = Mutex(State())
    private let disk: Disk
    private let queue = DispatchQueue(label: "ingot.audit", qos: .userInitiated)

    /// Opens the log of a folder, which is made when it is missing, and its first file with it. It blocks for a moment.
    ///
    /// - Parameters:
    ///   - fileSize: bytes from which the log goes on in another file.
    ///   - files: how many files are kept.
    public init(folder: String, fileSize: Int, files: Int) throws(AuditFailure) {
        var writer = try AuditWriter(folder: folder, fileSize: fileSize, fileCount: files)
        try writer.append([])
        disk = Disk(writer)
    }

    /// Why the last line could not be written; nil when it could. While there is a reason, it is tried now and then whether the log
    /// can be written again.
    public var obstacle: AuditFailure? {
        let (failure, probes) = state.withLock { state in
            let probes = state.failure != nil && !state.isProbing
            if probes { state.isProbing = true }
            return (state.failure, probes)
        }
        if probes { queue.async { self.probe() } }
        return failure
    }

    /// Appends an entry, and returns when the disk has it. It does not heed the task's cancellation.
    ///
    /// - Throws: why it could not be written.
    public func append(_ entry: AuditEntry) async throws(AuditFailure) {
        let failure = await withCheckedContinuation { done in
            let starts = state.withLock { state in
                state.waiting.append(Waiting(entry: entry, done: done))
                let starts = !state.isWriting
                state.isWriting = true
                return starts
            }
            if starts { queue.async { self.write() } }
        }
        if let failure { throw failure }
    }

    // MARK: On the queue

    private func write() {
        while true {
            let batch = state.withLock { state in
                let batch = state.waiting
                state.waiting = []
                if batch.isEmpty { state.isWriting = false }
                return batch
            }
            guard !batch.isEmpty else { return }
            let failure = append(batch.map { waiting in waiting.entry.line })
            for waiting in batch { waiting.done.resume(returning: failure) }
        }
    }

    private func probe() {
        _ = append([{ AuditEntry.note("the log can be written again", at: .now(), number: $0, previous: $1) }]
        )
        state.withLock { $0.isProbing = false }
    }

    private func append(_ lines: [(Int, String) -> [UInt8]]) -> AuditFailure? {
        var failure: AuditFailure?
        do throws(AuditFailure) {
            try disk.writer.append(lines)
        } catch {
            failure = error
        }
        state.withLock { $0.failure = failure }
        return failure
    }
}
