import DequeModule

/// The last lines of a log, in bounds.
struct LogTail: Sendable {
    private(set) var lines: Deque<LogLine> = []
    private(set) var size = 0
    let mostLines: Int
    let mostBytes: Int

    init(mostLines: Int, mostBytes: Int) {
        self.mostLines = mostLines
        self.mostBytes = mostBytes
    }

    mutating func append(_ line: LogLine) {
        lines.append(line)
        size += line.size
        while lines.count > mostLines || (size > mostBytes && lines.count > 1) {
            guard let first = lines.popFirst() else { return }
            size -= first.size
        }
    }

    mutating func append(_ more: [LogLine]) {
        for line in more { append(line) }
    }
}
