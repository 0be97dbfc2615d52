import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One thread's share of the server: its listeners, its connections, and the loop that serves them.
///
/// It is made and used on that thread alone, so nothing in it is locked. Other threads reach it through its mailbox.
final class EventLoop {
    /// Durations in nanoseconds, ready for use.
    struct Timeouts {
        var head: UInt64
        var bodyIdle: UInt64
        var keepAlive: UInt64
        var write: UInt64
        var ping: UInt64

        init(_ limits: ServerLimits) {
            head = limits.headTimeout.nanoseconds
            bodyIdle = limits.bodyIdleTimeout.nanoseconds
            keepAlive = limits.keepAliveTimeout.nanoseconds
            write = limits.writeTimeout.nanoseconds
            ping = limits.webSocketPingInterval.nanoseconds
        }
    }

    struct Statistics {
        var bytesRead = 0
        var bytesWritten = 0
        var tlsHandshakes = 0
        var failedTLSHandshakes = 0
        var plainRequestsToTLS = 0
        var tlsFailures = 0

        var hasTLS: Bool { tlsHandshakes | failedTLSHandshakes | plainRequestsToTLS | tlsFailures != 0 }
    }

    let shared: ServerShared
    let mailbox: LoopMailbox
    private let poller: any Poller
    private(set) var settings: ServerSettings
    private(set) var timeouts: Timeouts
    private(set) var authority: AuthorityPolicy
    private(set) var headLimits = HeadLimits()
    var clock = LoopClock()
    var requestIDs = RequestIDSource()
    /// Output of the current turn: answers are encoded here and leave with one system call.
    var scratch: [UInt8] = []
    /// The head that the next request is parsed into; nobody else holds it.
    private var spareHead = RequestHead()
    /// The answer that immediate handlers fill in; its body's memory is used again and again.
    var response = Response()
    var statistics = Statistics()
    /// Lines of the access log from the current turn.
    var accessLines: [UInt8] = []
    var bufferedBytes = 0
    lazy var gzip = GzipEncoder(level: settings.compression.level)
    let measurements: RequestMeasurements
    let readBuffer: UnsafeMutableRawBufferPointer
    private(set) var isStopping = false
    /// What new connections are encrypted with; nil for plain ones.
    private(set) var tls: TLSContext?

    private var slots: [Channel?] = []
    private var generations: [UInt32] = []
    private var freeSlots: [Int] = []
    private var deadlines: [UInt64] = []
    private var openCount = 0
    private var nextSweep = UInt64.max
    private let acceptor: Acceptor
    private var events: [PollEvent] = []
    private var stopDeadline = UInt64.max
    private var isBusy = false
    private var idleDeadline = UInt64.max

    /// A loop is busy when this many things were ready at once. Below that it keeps up with its clients, and a loop that
    /// sleeps is woken sooner than one that has used up its share of the processor by looking.
    private static let busyBatch = 4
    private static let busyLooks = 4

    static let mailboxToken = UInt64.max
    static let listenerToken = UInt64.max - 1
    /// Deadlines are looked through at most this often, nanoseconds.
    private static let sweepInterval: UInt64 = 20_000_000

    init(shared: ServerShared, settings: ServerSettings, mailbox: LoopMailbox, listener: Int32)
        throws(SocketError)
    {
        self.shared = shared
        self.settings = settings
        self.mailbox = mailbox
        timeouts = Timeouts(settings.limits)
        authority = shared.authorityPolicy(settings)
        measurements = RequestMeasurements(router: shared.router)
        readBuffer = .allocate(byteCount: 64 * 1024, alignment: 16)
        acceptor = Acceptor(listener: listener)
        tls = shared.tls
        poller = try Self.makePoller(settings)
        apply(settings)
        scratch.reserveCapacity(16 * 1024)
        do throws(SocketError) {
            try poller.add(mailbox.readDescriptor, token: Self.mailboxToken, interest: .read)
            try poller.add(listener, token: Self.listenerToken, interest: .read)
        } catch {
            readBuffer.deallocate()
            throw error
        }
    }

    deinit {
        readBuffer.deallocate()
    }

    private static func makePoller(_ settings: ServerSettings) throws(SocketError) -> any Poller {
        #if os(Linux)
            if !settings.usesDispatchPoller { return try EpollPoller() }
        #endif
        return DispatchPoller()
    }

    // MARK: The loop

    /// Serves until the server has stopped.
    func run() {
        while true {
            do throws(SocketError) {
                try waitForEvents()
            } catch {
                shared.logger.critical("event loop cannot poll and ends", metadata: ["error": "\(error)"])
                break
            }
            clock.refresh()
            isBusy = events.count >= Self.busyBatch
            for event in events { handle(event) }
            if clock.now >= nextSweep { sweepDeadlines() }
            measurements.flush(&statistics, to: shared.metrics)
            shared.accessLog?.write(&accessLines)
            if isStopping, openCount == 0 { break }
            if clock.now >= stopDeadline { break }
        }
        finish()
    }

    /// Waits for the next turn. A busy loop looks a few times more before it sleeps: under load the next event is a few
    /// microseconds away, and to put a thread to sleep and wake it again costs more than that, on virtual machines many
    /// times more.
    private func waitForEvents() throws(SocketError) {
        var looks = isBusy ? Self.busyLooks : 0
        while looks > 0 {
            try poller.wait(milliseconds: 0, into: &events)
            guard events.isEmpty else { return }
            sched_yield()
            looks -= 1
        }
        try poller.wait(milliseconds: pollTimeout(), into: &events)
    }

    private func handle(_ event: PollEvent) {
        switch event.token {
        case Self.mailboxToken:
            for work in mailbox.take() { work(self) }
        case Self.listenerToken:
            acceptor.accept(loop: self, poller: poller)
        default:
            guard let channel = channel(event.token) else { return }
            channel.ready(event, loop: self)
        }
    }

    private func pollTimeout() -> Int32 {
        let next = min(nextSweep, stopDeadline)
        guard next != .max else { return -1 }
        guard next > clock.now else { return 0 }
        return Int32(clamping: (next - clock.now) / 1_000_000 + 1)
    }

    private func finish() {
        for channel in slots { if let channel { remove(channel) } }
        acceptor.close(poller: poller)
        mailbox.close()
        shared.accessLog?.write(&accessLines)
    }

    // MARK: Connections

    /// The channel that `token` names, unless it has closed since.
    func channel(_ token: UInt64) -> Channel? {
        let slot = Int(token & 0xFFFF_FFFF)
        guard slot < slots.count, generations[slot] == UInt32(truncatingIfNeeded: token >> 32) else {
            return nil
        }
        return slots[slot]
    }

    /// Takes over a connected socket.
    func adopt(_ descriptor: Int32, remote: SocketAddress, wire: any WireProtocol) -> Channel? {
        let session = tls?.session()
        guard session != nil || tls == nil else {
            // Never in the clear what is to be encrypted.
            shared.logger.error("cannot speak TLS: OpenSSL has no memory for a session")
            Self.closeDescriptor(descriptor)
            return nil
        }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = slots.count
            slots.append(nil)
            generations.append(0)
            deadlines.append(.max)
        }
        let token = UInt64(generations[slot]) << 32 | UInt64(slot)
        let channel = Channel(
            descriptor: descriptor,
            slot: slot,
            token: token,
            remote: remote,
            wire: wire,
            tls: session,
            handshakeDeadline: session == nil ? .max : clock.now &+ timeouts.head
        )
        do throws(SocketError) {
            try poller.add(descriptor, token: token, interest: .read)
        } catch {
            shared.logger.error("cannot poll a connection", metadata: ["error": "\(error)"])
            freeSlots.append(slot)
            Self.closeDescriptor(descriptor)
            return nil
        }
        slots[slot] = channel
        openCount += 1
        deadlineChanged(channel)
        return channel
    }

    /// Closes a channel's socket and forgets it.
    func remove(_ channel: Channel) {
        guard channel.state != .closed else { return }
        channel.state = .closed
        poller.remove(channel.descriptor)
        Self.closeDescriptor(channel.descriptor)
        channel.forget(loop: self)
        slots[channel.slot] = nil
        deadlines[channel.slot] = .max
        generations[channel.slot] &+= 1
        freeSlots.append(channel.slot)
        openCount -= 1
        if channel.isCounted { shared.connectionClosed(channel.remote) }
        channel.wire.closed(on: channel, loop: self)
        acceptor.descriptorFreed(loop: self, poller: poller)
    }

    static func closeDescriptor(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    func interestChanged(_ channel: Channel) {
        guard channel.state != .closed else { return }
        do throws(SocketError) {
            try poller.update(channel.descriptor, token: channel.token, interest: channel.interest)
        } catch {
            shared.logger.error("cannot poll a connection", metadata: ["error": "\(error)"])
            remove(channel)
        }
    }

    /// Takes new memory for the scratch, after a channel has kept the old.
    func renewScratch() {
        scratch = []
        scratch.reserveCapacity(16 * 1024)
    }

    /// A head to parse into: the last one again, unless somebody still holds it.
    func takeHead() -> RequestHead {
        if !isKnownUniquelyReferenced(&spareHead) { spareHead = RequestHead() }
        return spareHead
    }

    /// Whether all connections together hold more than they may.
    var isOutOfMemory: Bool {
        bufferedBytes > settings.limits.bufferedMemory / shared.loopCount
    }

    // MARK: Deadlines

    func deadlineChanged(_ channel: Channel) {
        let deadline = min(channel.protocolDeadline, channel.channelDeadline)
        deadlines[channel.slot] = deadline
        if deadline < nextSweep { nextSweep = max(deadline, clock.now &+ Self.sweepInterval) }
    }

    /// Calls every channel whose deadline has passed. The deadlines lie side by side, so that looking through 10,000 of
    /// them takes microseconds, and setting one costs a store.
    private func sweepDeadlines() {
        let now = clock.now
        for slot in deadlines.indices where deadlines[slot] <= now {
            deadlines[slot] = .max
            guard let channel = slots[slot] else { continue }
            channel.deadlinePassed(loop: self)
            if channel.state != .closed { deadlineChanged(channel) }
        }
        if isStopping, now >= idleDeadline {
            idleDeadline = .max
            takeWhatHasCome()
            closeIdleConnections()
        }
        acceptor.resume(loop: self, poller: poller)
        let earliest = min(deadlines.min() ?? .max, idleDeadline, acceptor.resumesAt)
        nextSweep = earliest == .max ? .max : max(earliest, now &+ Self.sweepInterval)
    }

    /// Has the next sweep happen by `deadline`.
    func sweep(by deadline: UInt64) {
        nextSweep = min(nextSweep, deadline)
    }

    // MARK: Change and stop

    /// Applies new limits; what is in progress keeps the deadlines that it has.
    func apply(_ settings: ServerSettings) {
        if settings.compression.level != self.settings.compression.level {
            gzip = GzipEncoder(level: settings.compression.level)
        }
        self.settings = settings
        timeouts = Timeouts(settings.limits)
        authority = shared.authorityPolicy(settings)
        headLimits = HeadLimits(
            headSize: settings.limits.headSize,
            targetSize: settings.limits.targetSize,
            fieldCount: min(settings.limits.fieldCount, 250)
        )
    }

    /// Encrypts new connections with another context. A server that began with plain connections stays with them.
    func apply(_ context: TLSContext) {
        if tls != nil { tls = context }
    }

    /// Accepts nothing more, finishes what is in progress, and ends within the grace period.
    func stop() {
        guard !isStopping else { return }
        isStopping = true
        clock.refresh()
        acceptor.drain(loop: self, poller: poller)
        let grace = settings.gracePeriod.nanoseconds
        stopDeadline = clock.now &+ grace
        // A connection that looks idle may have a request on its way. It keeps this long to arrive and be answered.
        idleDeadline = clock.now &+ min(1_000_000_000, grace / 4)
        sweep(by: idleDeadline)
    }

    /// Handles what came while this thread was kept from running: its connections are not idle.
    private func takeWhatHasCome() {
        for _ in 0..<64 {
            guard (try? poller.wait(milliseconds: 0, into: &events)) != nil, !events.isEmpty else { return }
            for event in events { handle(event) }
        }
    }

    private func closeIdleConnections() {
        for channel in slots {
            guard let channel, channel.state == .open else { continue }
            channel.wire.serverStopping(on: channel, loop: self)
            if channel.state != .closed { channel.flush(loop: self) }
        }
    }
}
