internal import JSON

/// Turns the lines of a log file, `TIME STREAM TAG CONTENT` as the Container Runtime Interface has them, into what a reader of
/// the log wants to see.
struct LogLineFilter {
    private let since: Timestamp?
    private let timestamps: Bool
    private var bytesLeft: Int
    /// The beginning of a line that is not complete.
    private var pending: [UInt8] = []
    /// Whether the last content was a part of a line, which the next one continues.
    private var continues = false
    /// Whether a line at or after `since` was seen: the lines of a log are in the order of their times.
    private var isLateEnough: Bool

    init(_ options: ContainerLogOptions) {
        since = options.since
        timestamps = options.timestamps
        bytesLeft = options.limitBytes.map { max(0, $0) } ?? .max
        isLateEnough = options.since == nil
    }

    /// Whether as much was given as was asked for.
    var isSatisfied: Bool { bytesLeft == 0 }

    /// Takes bytes of the file, and appends what they show.
    mutating func filter(_ bytes: some Collection<UInt8>, into output: inout [UInt8]) {
        let begin = output.count
        var rest = bytes[...]
        while let newline = rest.firstIndex(of: 0x0A) {
            if pending.isEmpty {
                append(rest[..<newline], to: &output)
            } else {
                pending.append(contentsOf: rest[..<newline])
                append(pending, to: &output)
                pending.removeAll(keepingCapacity: true)
            }
            rest = rest[rest.index(after: newline)...]
        }
        pending.append(contentsOf: rest)
        output.removeLast(max(0, output.count - begin - bytesLeft))
        bytesLeft -= output.count - begin
    }

    /// Forgets an incomplete line, which no later file continues.
    mutating func endFile() {
        pending.removeAll()
    }

    private mutating func append(_ line: some Collection<UInt8>, to output: inout [UInt8]) {
        let fields = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, let tag = fields[2].first else { return }
        if !isLateEnough, let since {
            guard let time = Timestamp(rfc3339: String(decoding: fields[0], as: UTF8.self)), time >= since
            else { return }
            isLateEnough = true
        }
        if timestamps, !continues {
            output.append(contentsOf: fields[0])
            output.append(0x20)
        }
        output.append(contentsOf: fields[3])
        continues = tag == 0x50
        if !continues { output.append(0x0A) }
    }
}
