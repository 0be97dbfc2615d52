public import Dispatch
internal import JSON
internal import Logging
internal import Synchronization

/// Writes log lines to a file descriptor without ever making the caller wait.
///
/// Lines go into a bounded buffer; a Dispatch queue writes them in batches, a few milliseconds late, so that a busy
/// server makes few system calls. When the reader of the log is too slow and the buffer is full, or when writing
/// fails, lines are lost; they are counted, and a line in the log says how many they were.
public final class LogWriter: Sendable {
    /// The format of the line that tells of lost lines.
    public let format: LogFormat

    private let output: LogOutput
    private let capacity: Int
    private let queue = DispatchQueue(label: "ingot.log", qos: .utility)
    private let state = Mutex(State())

    private struct State {
        /// Lines to write.
        var pending: [UInt8] = []
        /// The storage of the batch written last, to use again.
        var spare: [UInt8] = []
        /// How many bytes the queue is writing.
        var writing = 0
        /// Whether the queue is going to look at `pending`.
        var isScheduled = false
        /// Lost lines that the log does not tell of yet.
        var unreported: UInt64 = 0
        var lost: UInt64 = 0
    }

    private static let delay = DispatchTimeInterval.milliseconds(2)
    /// A buffer that grew beyond this in a burst is given back to the system.
    private static let keptCapacity = 256 << 10

    /// A writer to what a file descriptor stands for; the descriptor itself is duplicated and stays the caller's.
    ///
    /// - Parameter capacity: the most bytes that wait to be written.
    public init(fileDescriptor: Int32, format: LogFormat, capacity: Int = 4 << 20) {
        output = LogOutput(duplicating: fileDescriptor)
        self.format = format
        self.capacity = capacity
    }

    /// How many lines were lost so far.
    public var lostLines: UInt64 { state.withLock(\.lost) }

    /// Takes a copy of a line, which ends with a line feed, and returns at once.
    public func append(_ line: UnsafeRawBufferPointer) {
        let mustSchedule = state.withLock { state in
            guard state.pending.count + state.writing + line.count <= capacity else {
                state.unreported += 1
                state.lost += 1
                return false
            }
            state.pending.append(contentsOf: line)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule {
            queue.asyncAfter(deadline: .now() + Self.delay) { self.drain() }
        }
    }

    /// Takes a copy of a line, which ends with a line feed, and returns at once.
    public func append(_ line: [UInt8]) {
        line.withUnsafeBytes { append($0) }
    }

    /// Waits until everything appended before has been written or lost; for the end of the process.
    ///
    /// - Returns: false when that took longer than `timeout`, because nobody reads the log.
    @discardableResult
    public func flush(timeout: DispatchTimeInterval = .seconds(2)) -> Bool {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        return done.wait(timeout: .now() + timeout) == .success
    }

    /// Writes until nothing is left; runs on the queue.
    private func drain() {
        var failed = false
        while var batch = takeBatch(afterFailure: failed) {
            let lost = batch.write(to: output)
            failed = lost.lines > 0 || lost.reports > 0
            batch.lines.removeAll(keepingCapacity: batch.lines.capacity <= Self.keptCapacity)
            state.withLock { state in
                state.writing = 0
                state.lost += lost.lines
                state.unreported += lost.lines + lost.reports
                swap(&state.spare, &batch.lines)
            }
        }
    }

    /// The lines to write next. Nil ends the queue's work; after a failure that is so even when a loss has not been
    /// told of, lest a log that cannot be written keeps the queue busy.
    private func takeBatch(afterFailure failed: Bool) -> Batch? {
        state.withLock { state in
            guard !state.pending.isEmpty || (state.unreported > 0 && !failed) else {
                state.isScheduled = false
                return nil
            }
            var batch = Batch(lines: state.spare, reported: state.unreported)
            state.spare = []
            swap(&state.pending, &batch.lines)
            state.writing = batch.lines.count
            state.unreported = 0
            if batch.reported > 0 { batch.report = report(of: batch.reported) }
            return batch
        }
    }

    private func report(of count: UInt64) -> [UInt8] {
        var line = LogLine(format, level: .warning, message: "log lines were lost", time: .now())
        line.field("lost", count)
        return line.finish()
    }
}

/// Lines that are written together.
private struct Batch {
    var lines: [UInt8]
    /// How many lines were lost behind `lines`, and the line that says so.
    var reported: UInt64
    var report: [UInt8] = []

    /// Writes the batch; returns how many lines it lost and how many that were lost before it could not report.
    func write(to output: LogOutput) -> (lines: UInt64, reports: UInt64) {
        let rest = lines[output.write(lines)...]
        guard rest.isEmpty else { return (UInt64(rest.count { $0 == 0x0A }), reported) }
        return (0, output.write(report) == report.count ? 0 : reported)
    }
}
