import HTTPTypes

@testable import HTTPServer

/// The server's reading of one connection, without sockets: the real head parser, head rules and chunk decoder in the order
/// in which `HTTP1Connection` uses them.
struct HTTPStream {
    /// What bounds one connection.
    struct Limits {
        var head: HeadLimits
        var body: Int
    }

    /// What a connection's bytes meant.
    enum Step: Equatable {
        case request(HTTPRequestSummary)
        case body([UInt8])
        /// The connection ends here; nothing more is read.
        case refusal(Int, String)
        case close
    }

    let limits: Limits
    let authority: AuthorityPolicy
    private(set) var steps: [Step] = []
    /// For each complete head, where it starts and ends in the stream.
    private(set) var heads: [Range<Int>] = []
    /// For each complete body, where it starts and ends in the stream.
    private(set) var bodies: [Range<Int>] = []
    private var pending: [UInt8] = []
    /// Offset in the stream of the first pending byte.
    private(set) var offset = 0
    private var parser = HeadParser()
    private var head = RequestHead()
    private var decoder = ChunkedDecoder()
    private var remaining = 0
    private var body: [UInt8] = []
    private var bodyStart = 0
    private var isInBody = false
    private(set) var hasEnded = false

    init(limits: Limits, authority: AuthorityPolicy) {
        self.limits = limits
        self.authority = authority
    }

    /// Whether the stream stands in a head of which some bytes have come.
    var isInsideHead: Bool { !hasEnded && !isInBody && !pending.isEmpty }
    var isInsideBody: Bool { !hasEnded && isInBody }
    /// Bytes of body and of unread input that are held.
    var heldBytes: Int { pending.count + body.count }

    mutating func receive(_ bytes: some Collection<UInt8>) throws(FuzzFinding) {
        guard !hasEnded else { return }
        pending += bytes
        while !hasEnded, !pending.isEmpty {
            let used = isInBody ? try takeBody() : try takeHead()
            guard let used else { return }
            try FuzzFinding.require(
                used >= 0 && used <= pending.count,
                "\(used) of \(pending.count) bytes were used"
            )
            pending.removeFirst(used)
            offset += used
        }
    }

    private mutating func refuse(_ refusal: Refusal) {
        steps.append(.refusal(refusal.status.code, refusal.message))
        hasEnded = true
    }

    /// The bytes used, or nil when more are needed.
    private mutating func takeHead() throws(FuzzFinding) -> Int? {
        let bytes = pending
        if !parser.hasStarted { head.reset() }
        switch parser.parse(bytes.span, limits: limits.head, into: head) {
        case .incomplete:
            let bound = limits.head.headSize
            try FuzzFinding.require(
                pending.count < bound,
                "an unfinished head of \(pending.count) bytes is kept"
            )
            return nil
        case .refused(let refusal):
            refuse(refusal)
            return 0
        case .complete(let size):
            try FuzzFinding.require(size <= limits.head.headSize, "a head of \(size) bytes was accepted")
            head.bytes.append(contentsOf: pending.span, from: 0, count: size)
            parser.reset()
            heads.append(offset..<(offset + size))
            try begin()
            return size
        }
    }

    private mutating func begin() throws(FuzzFinding) {
        do throws(Refusal) {
            try HeadRules.apply(to: head, authority: authority)
        } catch {
            refuse(error)
            return
        }
        try HTTPRequestSummary.checkOffsets(head)
        try AnswerFieldsCheck.examine(head)
        steps.append(.request(HTTPRequestSummary(head)))
        switch head.framing {
        case .none:
            if !head.keepsAlive { close() }
            return
        case .length(let length):
            guard length <= limits.body else {
                refuse(.bodyTooLarge)
                return
            }
            remaining = length
        case .chunked: decoder = ChunkedDecoder()
        }
        body = []
        isInBody = true
        bodyStart = heads.last?.upperBound ?? 0
    }

    private mutating func close() {
        steps.append(.close)
        hasEnded = true
    }

    private mutating func takeBody() throws(FuzzFinding) -> Int? {
        let bytes = pending
        let outcome: ChunkedDecoder.Outcome
        if head.framing == .chunked {
            outcome = decoder.decode(bytes.span, from: 0, limit: limits.body, into: &body)
            try FuzzFinding.requireEqual(
                decoder.total,
                body.count,
                "the decoder's total and the decoded bytes"
            )
        } else {
            let count = min(remaining, pending.count)
            body += pending.prefix(count)
            remaining -= count
            outcome = remaining == 0 ? .complete(count) : .incomplete
        }
        try FuzzFinding.require(body.count <= limits.body, "\(body.count) bytes of body are held")
        switch outcome {
        case .incomplete: return pending.count
        case .refused(let refusal):
            refuse(refusal)
            return 0
        case .complete(let end):
            steps.append(.body(body))
            bodies.append(bodyStart..<(offset + end))
            isInBody = false
            if !head.keepsAlive { close() }
            return end
        }
    }
}
