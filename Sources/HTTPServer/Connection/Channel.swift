#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A protocol spoken over a byte stream: a state machine that is handed bytes and events and answers through the channel.
///
/// It knows nothing of sockets, so another protocol (TLS, HTTP/2) can stand where HTTP/1.1 does. All calls come from the
/// loop that owns the channel.
protocol WireProtocol: AnyObject {
    /// Bytes came. They are valid during the call only.
    func received(_ bytes: UnsafeRawBufferPointer, on channel: Channel, loop: EventLoop)
    /// The peer will send no more; it may still read.
    func inputEnded(on channel: Channel, loop: EventLoop)
    /// All output has been handed to the system.
    func outputDrained(on channel: Channel, loop: EventLoop)
    /// The deadline that the protocol set has passed.
    func deadlinePassed(on channel: Channel, loop: EventLoop)
    /// The server is stopping: finish what is in progress, begin nothing new.
    func serverStopping(on channel: Channel, loop: EventLoop)
    /// The channel is gone.
    func closed(on channel: Channel, loop: EventLoop)
}

/// One connection's socket: its output, its deadline and its end.
final class Channel {
    enum State {
        case open
        /// Output is still going out; the channel closes when it is gone.
        case closing
        /// Our side is closed; what the peer still sends is thrown away, so that it can read our answer (RFC 9112 §9.6).
        case lingering
        case closed
    }

    let descriptor: Int32
    let slot: Int
    let token: UInt64
    let remote: SocketAddress
    var wire: any WireProtocol
    var state = State.open
    var interest = PollInterest.read
    /// What the protocol has written and the socket has not taken, before encryption.
    var output = OutputQueue()
    /// TLS between the protocol and the socket; nil on a plain connection.
    let tls: TLSSession?
    /// Encrypted bytes that the socket has not taken.
    var encrypted = OutputQueue()
    /// When the TLS handshake must be done; monotonic nanoseconds.
    let handshakeDeadline: UInt64
    /// Bytes that the protocol holds of what was received, for the limit on buffered memory.
    var heldInput = 0
    /// What of `output` and `heldInput` the loop has been told of.
    var accounted = 0
    var inputHasEnded = false
    /// Counts towards the limits on connections.
    var isCounted = true
    /// The protocol waits for `outputDrained`, also when all its output leaves at once.
    var wantsDrained = false
    /// The protocol's deadline, monotonic nanoseconds.
    var protocolDeadline = UInt64.max
    /// When the peer must have taken some output, or must have closed; monotonic nanoseconds.
    var channelDeadline = UInt64.max
    private var lingeredBytes = 0

    /// How much and how long a peer may go on sending to a connection that is being closed.
    private static let lingerLimit = 4 << 20
    private static let lingerTime: UInt64 = 2_000_000_000

    init(
        descriptor: Int32,
        slot: Int,
        token: UInt64,
        remote: SocketAddress,
        wire: any WireProtocol,
        tls: TLSSession? = nil,
        handshakeDeadline: UInt64 = .max
    ) {
        self.tls = tls
        self.handshakeDeadline = handshakeDeadline
        channelDeadline = handshakeDeadline
        self.descriptor = descriptor
        self.slot = slot
        self.token = token
        self.remote = remote
        self.wire = wire
    }

    // MARK: What a protocol may do

    /// Sets when `deadlinePassed` is called; `.max` for never.
    func setDeadline(_ deadline: UInt64, loop: EventLoop) {
        guard deadline != protocolDeadline else { return }
        protocolDeadline = deadline
        loop.deadlineChanged(self)
    }

    /// Stops reading, so that the peer is slowed down by TCP, or goes on.
    func setReading(_ isReading: Bool, loop: EventLoop) {
        let wanted = isReading && !inputHasEnded
        guard interest.contains(.read) != wanted else { return }
        if wanted { interest.insert(.read) } else { interest.remove(.read) }
        loop.interestChanged(self)
    }

    /// Closes once all output is out.
    func close(loop: EventLoop) {
        guard state == .open else { return }
        state = .closing
        protocolDeadline = .max
        heldInput = 0
    }

    /// Closes at once; the peer sees what was sent so far cut off.
    func abort(loop: EventLoop) {
        guard state != .closed else { return }
        loop.remove(self)
    }

    // MARK: What the loop does

    /// Sends what the protocol wrote during this turn (the loop's scratch) and what waited from before.
    func flush(loop: EventLoop) {
        guard state == .open || state == .closing else {
            loop.scratch.removeAll(keepingCapacity: true)
            return
        }
        if let tls {
            if !loop.scratch.isEmpty {
                output.append(loop.scratch)
                loop.renewScratch()
            }
            guard drain(through: tls, loop: loop) else {
                loop.remove(self)
                return
            }
        } else if !loop.scratch.isEmpty {
            sendScratch(loop: loop)
            if state == .closed { return }
        } else if !output.isEmpty {
            drain(loop: loop)
            if state == .closed { return }
        }
        settle(loop: loop)
    }

    private func sendScratch(loop: EventLoop) {
        defer { loop.scratch.removeAll(keepingCapacity: true) }
        guard output.isEmpty else {
            output.append(loop.scratch)
            // The queue holds the scratch's memory now; the loop takes new.
            loop.renewScratch()
            drain(loop: loop)
            return
        }
        let sent = loop.scratch.withUnsafeBytes { bytes in
            #if canImport(Glibc)
                send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            #else
                send(descriptor, bytes.baseAddress, bytes.count, 0)
            #endif
        }
        if sent == loop.scratch.count {
            loop.statistics.bytesWritten += sent
            return
        }
        guard sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else {
            loop.remove(self)
            return
        }
        loop.statistics.bytesWritten += max(sent, 0)
        output.append(Array(loop.scratch[max(sent, 0)...]))
        channelDeadline = loop.clock.now &+ loop.timeouts.write
        loop.deadlineChanged(self)
    }

    private func drain(loop: EventLoop) {
        guard let written = output.write(to: descriptor) else {
            loop.remove(self)
            return
        }
        loop.statistics.bytesWritten += written
        guard !output.isEmpty else {
            channelDeadline = .max
            return
        }
        if written > 0 || channelDeadline == .max {
            channelDeadline = loop.clock.now &+ loop.timeouts.write
            loop.deadlineChanged(self)
        }
    }

    /// Brings interest, memory accounts and the closing sequence in line with the output.
    private func settle(loop: EventLoop) {
        let wantsWrite = hasOutput || (wantsDrained && state == .open)
        if wantsWrite != interest.contains(.write) {
            if wantsWrite { interest.insert(.write) } else { interest.remove(.write) }
            loop.interestChanged(self)
        }
        if wantsWrite, channelDeadline == .max {
            // Also with no output of our own left: the system holds it, and says nothing until the client takes some.
            channelDeadline = loop.clock.now &+ loop.timeouts.write
            loop.deadlineChanged(self)
        }
        if state == .closing, !hasOutput, !awaitsHandshake { finishClosing(loop: loop) }
        if state != .closed { account(loop: loop) }
    }

    func account(loop: EventLoop) {
        let held = output.count + encrypted.count + heldInput
        if held != accounted {
            loop.bufferedBytes += held - accounted
            accounted = held
        }
    }

    /// Drops what is held, as the channel is gone.
    func forget(loop: EventLoop) {
        if tls?.phase == .handshake { loop.statistics.failedTLSHandshakes += 1 }
        output.removeAll()
        encrypted.removeAll()
        heldInput = 0
        account(loop: loop)
    }

    private func finishClosing(loop: EventLoop) {
        guard !inputHasEnded else {
            loop.remove(self)
            return
        }
        shutdown(descriptor, Int32(SHUT_WR))
        state = .lingering
        channelDeadline = loop.clock.now &+ Self.lingerTime
        loop.deadlineChanged(self)
        setReading(true, loop: loop)
    }

    /// The socket is ready.
    func ready(_ event: PollEvent, loop: EventLoop) {
        if event.isBroken, !event.isReadable {
            loop.remove(self)
            return
        }
        if event.isReadable || event.isBroken, interest.contains(.read) {
            read(loop: loop)
        } else if event.isBroken {
            // Both directions are gone while reading is paused: nobody is left to answer.
            loop.remove(self)
        }
        if state == .closed { return }
        if event.isWritable {
            flush(loop: loop)
            if state == .open, !hasOutput {
                wantsDrained = false
                channelDeadline = .max
                wire.outputDrained(on: self, loop: loop)
                flush(loop: loop)
            }
        }
    }

    private func read(loop: EventLoop) {
        let buffer = loop.readBuffer
        #if canImport(Glibc)
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
        if count > 0 {
            loop.statistics.bytesRead += count
            guard state == .open || awaitsHandshake else {
                discard(count, loop: loop)
                return
            }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[0..<count])
            if let tls {
                receive(bytes, through: tls, loop: loop)
            } else {
                wire.received(bytes, on: self, loop: loop)
            }
            flush(loop: loop)
        } else if count == 0 {
            endInput(loop: loop)
        } else if errno != EAGAIN, errno != EWOULDBLOCK, errno != EINTR {
            loop.remove(self)
        }
    }

    private func discard(_ count: Int, loop: EventLoop) {
        lingeredBytes += count
        if state == .lingering, lingeredBytes > Self.lingerLimit { loop.remove(self) }
    }

    func endInput(loop: EventLoop) {
        inputHasEnded = true
        if state == .lingering {
            loop.remove(self)
            return
        }
        // End of file stays readable for ever; looking away keeps the loop from spinning.
        interest.remove(.read)
        loop.interestChanged(self)
        guard state == .open else {
            // An answer that the handshake held up will not go out any more.
            if state == .closing { flush(loop: loop) }
            return
        }
        wire.inputEnded(on: self, loop: loop)
        if state != .closed { flush(loop: loop) }
    }

    /// The earlier of the two deadlines has passed.
    func deadlinePassed(loop: EventLoop) {
        if channelDeadline <= loop.clock.now {
            loop.remove(self)
            return
        }
        guard protocolDeadline <= loop.clock.now else { return }
        protocolDeadline = .max
        wire.deadlinePassed(on: self, loop: loop)
        if state != .closed { flush(loop: loop) }
    }
}
