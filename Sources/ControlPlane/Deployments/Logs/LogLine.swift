public import JSON

/// A line of a container's log.
public struct LogLine: Sendable, Hashable {
    /// When it was written; nil for one whose time is not told.
    public let time: Timestamp?
    /// When it was written, as the kubelet tells it; empty for one whose time is not told.
    public let stamp: String
    /// The line, without its end. Bytes that are not UTF-8 are replaced.
    public let text: String

    /// Reads a line as the API server sends it when times are asked for: RFC 3339 with nine fraction digits, a space, the line.
    init(stamped bytes: some BidirectionalCollection<UInt8>) {
        let line = bytes.last == 0x0D ? bytes.dropLast() : bytes[...]
        let head = line.prefix(Self.longestStamp).prefix { $0 != 0x20 }
        let stamp = String(decoding: head, as: UTF8.self)
        if let time = Timestamp(rfc3339: stamp) {
            self.time = time
            self.stamp = stamp
            text = String(decoding: line.dropFirst(head.count + 1), as: UTF8.self)
        } else {
            time = nil
            self.stamp = ""
            text = String(decoding: line, as: UTF8.self)
        }
    }

    /// What it takes of a limit in bytes.
    var size: Int { text.utf8.count + stamp.utf8.count + 1 }

    /// RFC 3339 with nanoseconds and an offset.
    private static let longestStamp = 36
}

/// Cuts a log into lines; its bytes come in pieces that may end anywhere.
struct LogLineSplitter {
    private var rest: [UInt8] = []

    /// A longer line is cut into several, so that a program that never ends one takes no more memory than this.
    static let longestLine = 64 * 1024

    /// The lines that `bytes` complete.
    mutating func lines(of bytes: [UInt8]) -> [LogLine] {
        var lines: [LogLine] = []
        var pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        // What follows the last end of a line is not a whole one yet.
        let open = pieces.popLast() ?? []
        for piece in pieces {
            if rest.isEmpty {
                lines.append(LogLine(stamped: piece))
            } else {
                rest += piece
                lines.append(LogLine(stamped: rest))
                rest = []
            }
        }
        rest += open
        if rest.count > Self.longestLine {
            lines.append(LogLine(stamped: rest))
            rest = []
        }
        return lines
    }

    /// The line that has no end; nil when there is none.
    mutating func last() -> LogLine? {
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return LogLine(stamped: rest)
    }
}
