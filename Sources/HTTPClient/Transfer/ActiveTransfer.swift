import CCurl
import HTTPTypes

/// A transfer in progress. It belongs to the loop's thread.
final class ActiveTransfer {
    /// Bytes that wait to be read before the server is held back.
    private static let bufferBound = 256 * 1024
    /// Bytes that may wait in HTTP/2, where it cannot be held back.
    private static let sharedBufferBound = 64 * 1024 * 1024

    /// How far the exchange has come.
    enum Phase {
        case connecting
        /// Connected; the answer has not begun.
        case sent
        /// The answer has begun.
        case receiving
    }

    let easy: EasyHandle
    let start: TransferStart
    private(set) var phase = Phase.connecting {
        didSet { if phase != oldValue { loop.schedule(self) } }
    }
    /// When it began, and when the last thing happened, on `LoopClock`, in nanoseconds.
    let startTime: UInt64
    var lastActivity: UInt64
    /// The connection, if others may share it.
    var connection: String?
    /// Whether the reader holds the transfer back.
    var isPaused = false
    /// The earliest time at which the loop will look at the deadlines.
    var scheduledCheck = UInt64.max
    /// Why a callback ended the transfer.
    var failure: HTTPClientError?
    private unowned let loop: TransferLoop
    private var parser = ResponseHeadParser()
    private var receivedBytes = 0

    init(easy: EasyHandle, start: TransferStart, loop: TransferLoop) {
        self.loop = loop
        self.easy = easy
        self.start = start
        startTime = LoopClock.now()
        lastActivity = startTime
    }

    var transfer: Transfer { start.transfer }
    /// Whether the answer's head is complete.
    var hasHead: Bool { parser.isComplete }
}

// What libcurl calls.
extension ActiveTransfer {
    /// The connection is there, and the request goes out now.
    ///
    /// - Parameter connection: what tells the connection from others.
    func connectionIsReady(_ connection: String) {
        if start.request.version.allowsSharing { loop.join(self, connection: connection) }
        lastActivity = LoopClock.now()
        phase = .sent
    }

    /// Takes a line of the answer's head; false ends the transfer.
    func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
        lastActivity = LoopClock.now()
        phase = .receiving
        switch parser.take(line) {
        case .more: return true
        case .complete(let head): return take(head)
        case .tooLarge:
            return fail(.tooLarge, "the answer's head has more than \(ResponseHeadParser.sizeBound) bytes")
        case .malformed(let reason): return fail(.protocolViolation, reason)
        }
    }

    private func take(_ head: ResponseHead) -> Bool {
        var head = head
        if let limit = start.request.maximumResponseBytes, start.request.method != .head,
            let length = head.headers[.contentLength].flatMap({ Int($0) }), length > limit
        {
            return fail(.tooLarge, "the answer has \(length) bytes, more than \(limit)")
        }
        if start.request.acceptsCompression, let encoding = head.headers[.contentEncoding]?.lowercased(),
            encoding == "gzip" || encoding == "x-gzip"
        {
            head.headers[.contentEncoding] = nil
            head.headers[.contentLength] = nil
        }
        transfer.receive(head)
        return true
    }

    /// Takes bytes of the body. nil: later.
    func take(body bytes: UnsafeRawBufferPointer) -> Int? {
        lastActivity = LoopClock.now()
        if let limit = start.request.maximumResponseBytes, bytes.count > limit - receivedBytes {
            _ = fail(.tooLarge, "the answer has more than \(limit) bytes")
            return 0
        }
        let isShared = parser.version == .http2
        if transfer.receive(bytes, bound: isShared ? Self.sharedBufferBound : Self.bufferBound) {
            receivedBytes += bytes.count
            return bytes.count
        }
        guard !isShared else {
            _ = fail(.tooLarge, "the reader leaves more than \(Self.sharedBufferBound) bytes unread")
            return 0
        }
        isPaused = true
        return nil
    }

    /// Fills a buffer with bytes of the request's body, and returns what libcurl expects: their number, 0 for the body's end,
    /// or "later".
    func fill(_ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let upload = start.upload else { return 0 }
        if phase == .sent { lastActivity = LoopClock.now() }
        switch upload.read(into: target) {
        case .bytes(let count): return count
        case .nothingYet: return Int(CURL_READFUNC_PAUSE)
        case .end: return 0
        }
    }

    private func fail(_ kind: HTTPClientError.Kind, _ reason: String) -> Bool {
        if failure == nil { failure = transfer.error(kind, reason) }
        // Takes effect when nothing else uses the connection; see `TransferLoop.flush`.
        easy.set(CURLOPT_FORBID_REUSE, true)
        return false
    }
}
