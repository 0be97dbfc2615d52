#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// HTTP/1.1 and HTTP/1.0 on one connection, RFC 9112: requests one after another, each answered before the next is begun.
///
/// While a request is answered off the loop, what else the client sends waits; so answers keep the order of their requests,
/// and a client that sends ahead is slowed down rather than buffered without bound.
final class HTTP1Connection: WireProtocol {
    enum Phase {
        /// Waiting for, or in the middle of, a request head.
        case head
        /// Reading the body of `exchange`.
        case body
        /// The answer is made off the loop.
        case answering
        /// The answer's body is sent piece by piece.
        case streaming
        /// Another protocol has taken the channel over; what was read ahead belongs to it.
        case upgraded
        /// Nothing more is read.
        case finished
    }

    var phase = Phase.head
    var parser = HeadParser()
    /// The head being parsed, kept here only while it is incomplete.
    private var unfinishedHead: RequestHead?
    /// Received bytes that are not used up yet; empty for a connection at rest.
    private var pending: [UInt8] = []
    /// Nothing more is begun until the client has taken what it was answered.
    private var isHeldBack = false
    /// The request in progress.
    var exchange: Exchange?
    var exchangeNumber: UInt32 = 0
    var requestCount = 0
    /// The task that makes the answer or its body.
    var task: Task<Void, Never>?
    var stream: OutgoingStream?
    private let isTurnedAway: Bool

    /// Bytes received ahead of time that are kept while a request is answered.
    private static let readAhead = 64 * 1024
    /// Output in waiting above which no further request is begun.
    private static let outputLimit = 256 * 1024

    init(isTurnedAway: Bool = false) {
        self.isTurnedAway = isTurnedAway
    }

    func opened(on channel: Channel, loop: EventLoop) {
        if isTurnedAway {
            phase = .finished
            loop.shared.appendOverloadAnswer(to: &loop.scratch, clock: &loop.clock)
            channel.close(loop: loop)
        } else {
            channel.setDeadline(loop.clock.now &+ loop.timeouts.head, loop: loop)
        }
    }

    // MARK: WireProtocol

    func received(_ bytes: UnsafeRawBufferPointer, on channel: Channel, loop: EventLoop) {
        switch phase {
        case .finished, .upgraded: return
        case .answering, .streaming:
            pending.append(contentsOf: bytes)
            if pending.count >= Self.readAhead { channel.setReading(false, loop: loop) }
        case .head, .body:
            if pending.isEmpty {
                let used = process(Span(_unsafeBytes: bytes), on: channel, loop: loop)
                if used < bytes.count, phase != .finished {
                    pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[used...]))
                }
                waitForOutput(on: channel, loop: loop)
            } else {
                pending.append(contentsOf: bytes)
                processPending(on: channel, loop: loop)
            }
        }
        channel.heldInput = pending.count + (exchange?.body.count ?? 0)
    }

    func inputEnded(on channel: Channel, loop: EventLoop) {
        switch phase {
        case .head, .body:
            if !isHeldBack { endRequests(on: channel, loop: loop) }
        case .answering, .streaming:
            if exchange?.route?.route.endsWithClient == true {
                channel.abort(loop: loop)
                return
            }
            // A client may close its side after its requests and still wait for the answers.
            if pending.isEmpty { exchange?.mustClose = true }
        case .upgraded, .finished: break
        }
    }

    func outputDrained(on channel: Channel, loop: EventLoop) {
        switch phase {
        case .streaming: continueStream(on: channel, loop: loop)
        case .head, .body: processPending(on: channel, loop: loop)
        case .answering, .upgraded, .finished: break
        }
    }

    func serverStopping(on channel: Channel, loop: EventLoop) {
        if phase == .head, !parser.hasStarted {
            finish(on: channel, loop: loop)
        } else if phase == .streaming, stream?.heartbeat != nil {
            // A stream that is kept alive in silence has no end of its own to wait for.
            task?.cancel()
            stream?.end = .complete([])
            continueStream(on: channel, loop: loop)
        }
    }

    func closed(on channel: Channel, loop: EventLoop) {
        phase = .finished
        task?.cancel()
        task = nil
        if let exchange, let stream {
            loop.measurements.finished(
                exchange,
                status: stream.status,
                bytes: stream.sent,
                isCut: true,
                loop: loop
            )
        } else if let exchange, exchange.isInFlight {
            loop.measurements.finished(exchange, status: 499, bytes: 0, isCut: true, loop: loop)
        }
        stream?.writer.close()
        stream = nil
        exchange = nil
        pending = []
    }

    // MARK: Requests

    /// Goes on with what was received before, as far as possible.
    func processPending(on channel: Channel, loop: EventLoop) {
        guard phase == .head || phase == .body else { return }
        if !pending.isEmpty {
            let bytes = pending
            pending = []
            let used = process(bytes.span, on: channel, loop: loop)
            if phase != .finished, used < bytes.count {
                // What the calls above may have queued behind is older than nothing: `pending` is still empty here.
                pending = used == 0 ? bytes : Array(bytes[used...])
            }
        } else {
            isHeldBack = false
        }
        waitForOutput(on: channel, loop: loop)
        if channel.inputHasEnded, !isHeldBack { endRequests(on: channel, loop: loop) }
        channel.heldInput = pending.count + (exchange?.body.count ?? 0)
    }

    /// Stops reading while answers wait for the client, so that what it sends ahead is not kept here without bound.
    private func waitForOutput(on channel: Channel, loop: EventLoop) {
        guard phase == .head || phase == .body else { return }
        channel.wantsDrained = isHeldBack
        channel.setReading(!isHeldBack, loop: loop)
    }

    /// The client sends no more, and every whole request that it sent has its answer.
    private func endRequests(on channel: Channel, loop: EventLoop) {
        switch phase {
        case .head:
            // Half a request can be neither answered nor used.
            if !pending.isEmpty { loop.measurements.truncatedRequests += 1 }
            finish(on: channel, loop: loop)
        case .body:
            loop.measurements.truncatedRequests += 1
            exchange = nil
            finish(on: channel, loop: loop)
        case .answering, .streaming, .upgraded, .finished: break
        }
    }

    /// Uses up as many requests as can be begun and returns the number of bytes that they took.
    private func process(_ bytes: Span<UInt8>, on channel: Channel, loop: EventLoop) -> Int {
        var used = 0
        isHeldBack = false
        while used < bytes.count {
            if channel.output.count > Self.outputLimit || loop.scratch.count > Self.outputLimit {
                isHeldBack = phase == .head || phase == .body
                break
            }
            switch phase {
            case .head:
                let rest = used == 0 ? bytes : bytes.extracting(used...)
                guard let taken = processHead(rest, on: channel, loop: loop) else { return used }
                used += taken
            case .body:
                used = processBody(bytes, from: used, on: channel, loop: loop)
            case .answering, .streaming: return used
            case .upgraded:
                bytes.extracting(used...).withUnsafeBytes {
                    channel.wire.received($0, on: channel, loop: loop)
                }
                return bytes.count
            case .finished: return bytes.count
            }
        }
        return used
    }

    /// Nil when the head is incomplete.
    private func processHead(_ bytes: Span<UInt8>, on channel: Channel, loop: EventLoop) -> Int? {
        let isFirstLook = !parser.hasStarted
        let head = unfinishedHead ?? loop.takeHead()
        if isFirstLook { head.reset() }
        switch parser.parse(bytes, limits: loop.headLimits, into: head) {
        case .incomplete:
            unfinishedHead = head
            if isFirstLook, parser.hasStarted {
                channel.setDeadline(loop.clock.now &+ loop.timeouts.head, loop: loop)
            }
            return nil
        case .refused(let refusal):
            head.bytes.append(contentsOf: bytes, from: 0, count: min(bytes.count, 2048))
            unfinishedHead = nil
            refuse(refusal, head: head, on: channel, loop: loop)
            return bytes.count
        case .complete(let size):
            head.bytes.append(contentsOf: bytes, from: 0, count: size)
            unfinishedHead = nil
            parser.reset()
            requestCount += 1
            begin(head, on: channel, loop: loop)
            return size
        }
    }

    /// Feeds the body from `start`; returns the offset of the first byte that is not part of it.
    private func processBody(_ bytes: Span<UInt8>, from start: Int, on channel: Channel, loop: EventLoop)
        -> Int
    {
        guard exchange != nil else { return bytes.count }
        channel.setDeadline(loop.clock.now &+ loop.timeouts.bodyIdle, loop: loop)
        switch exchange?.takeBody(bytes, from: start, now: loop.clock.now, limits: loop.settings.limits) {
        case .incomplete, nil:
            if loop.isOutOfMemory { refuseExchange(.overloaded, on: channel, loop: loop) }
            return bytes.count
        case .complete(let end):
            channel.setDeadline(.max, loop: loop)
            bodyComplete(on: channel, loop: loop)
            return end
        case .refused(let refusal):
            refuseExchange(refusal, on: channel, loop: loop)
            return bytes.count
        }
    }

    func deadlinePassed(on channel: Channel, loop: EventLoop) {
        switch phase {
        case .head:
            guard !isHeldBack else {
                // The connection is not idle: requests wait for the client to read. Whether it does is the channel's concern.
                channel.setDeadline(loop.clock.now &+ loop.timeouts.keepAlive, loop: loop)
                return
            }
            guard parser.hasStarted else {
                // Silence between requests is no fault; the connection just ends.
                finish(on: channel, loop: loop)
                return
            }
            let head = unfinishedHead ?? RequestHead()
            unfinishedHead = nil
            refuse(.headTimeout, head: head, on: channel, loop: loop)
        case .body: refuseExchange(.bodyTimeout, on: channel, loop: loop)
        case .streaming: heartbeat(on: channel, loop: loop)
        case .answering, .upgraded, .finished: break
        }
    }

    /// Makes ready for the next request, or closes.
    func requestFinished(keepsAlive: Bool, on channel: Channel, loop: EventLoop) {
        phase = .head
        guard keepsAlive else {
            finish(on: channel, loop: loop)
            return
        }
        channel.setDeadline(loop.clock.now &+ loop.timeouts.keepAlive, loop: loop)
    }

    func finish(on channel: Channel, loop: EventLoop) {
        phase = .finished
        pending = []
        channel.close(loop: loop)
    }

    /// Goes on reading after an answer that was made off the loop.
    func resumeReading(on channel: Channel, loop: EventLoop) {
        if phase == .upgraded {
            channel.setReading(true, loop: loop)
            let early = pending
            pending = []
            if !early.isEmpty {
                early.withUnsafeBytes { channel.wire.received($0, on: channel, loop: loop) }
            }
            return
        }
        processPending(on: channel, loop: loop)
    }
}
