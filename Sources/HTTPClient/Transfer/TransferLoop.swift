import CCurl
import CLinux
import Glibc
import HeapModule

/// Drives all transfers of a client on a thread of its own, over epoll(7): what is idle costs nothing.
final class TransferLoop {
    /// When a transfer's deadlines are to be looked at.
    private struct Check: Comparable {
        var time: UInt64
        var id: UInt64

        static func < (left: Check, right: Check) -> Bool { left.time < right.time }
    }

    let mailbox: LoopMailbox
    private let poll: Int32
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer
    private var transfers: [UInt64: ActiveTransfer] = [:]
    /// The transfers on each connection that more than one may use.
    private var sharers: [String: Set<UInt64>] = [:]
    private var checks = Heap<Check>()
    /// When libcurl wants to be called; nil when it does not.
    private var timer: UInt64?
    private var isStopping = false

    init?(mailbox: LoopMailbox, connections: Int) {
        let poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { return nil }
        guard let multi = curl_multi_init() else {
            close(poll)
            return nil
        }
        guard let share = curl_share_init() else {
            curl_multi_cleanup(multi)
            close(poll)
            return nil
        }
        self.mailbox = mailbox
        self.poll = poll
        self.multi = multi
        self.share = share
        let context = Unmanaged.passUnretained(self).toOpaque()
        ingot_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        ingot_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        // A server says itself how many requests may share a connection; libcurl would allow 100 at most.
        ingot_curl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000)
        ingot_curl_multi_set_socket_callback(
            multi,
            { _, descriptor, what, context, known in
                TransferLoop.of(context)?.watch(descriptor, what, isKnown: known != nil)
                return 0
            },
            context
        )
        ingot_curl_multi_set_timer_callback(
            multi,
            { _, milliseconds, context in
                TransferLoop.of(context)?.setTimer(milliseconds)
                return 0
            },
            context
        )
        // TLS sessions are kept for all transfers; no lock is needed, since one thread uses them.
        _ = ingot_curl_share(share, CURL_LOCK_DATA_SSL_SESSION)
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = mailbox.descriptor
        epoll_ctl(poll, EPOLL_CTL_ADD, mailbox.descriptor, &event)
    }

    deinit {
        curl_multi_cleanup(multi)
        curl_share_cleanup(share)
        close(poll)
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> TransferLoop? {
        context.map { Unmanaged<TransferLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Works until it is told to stop.
    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while !isStopping {
            let looked = LoopClock.now()
            let count = epoll_wait(poll, &events, Int32(events.count), waitTime())
            for event in events.prefix(Int(max(0, count))) {
                if event.data.fd == mailbox.descriptor {
                    for command in mailbox.take() { carryOut(command) }
                } else {
                    act(event.data.fd, Self.curlMask(event.events))
                }
            }
            runTimer()
            endCompleted()
            checkDeadlines(looked)
        }
        for active in transfers.values {
            remove(active, .failure(active.transfer.error(.cancelled, "the client was shut down")))
        }
        for case .start(let start) in mailbox.closeForGood() {
            start.transfer.finish(.failure(start.transfer.error(.cancelled, "the client was shut down")))
            start.upload?.close()
        }
    }

    private func carryOut(_ command: LoopCommand) {
        switch command {
        case .start(let start): begin(start)
        case .abandon(let id): if let active = transfers[id] { remove(active, nil) }
        case .resumeReceiving(let id):
            guard let active = transfers[id] else { return }
            active.isPaused = false
            active.lastActivity = LoopClock.now()
            resume(active)
        case .resumeSending(let id): if let active = transfers[id] { resume(active) }
        case .failSending(let id):
            guard let active = transfers[id] else { return }
            let reason = "the request's body failed, or has not the length that was said"
            remove(active, .failure(active.transfer.error(.requestBody, reason)))
        case .stop: isStopping = true
        }
    }
}

// Transfers.
extension TransferLoop {
    private func begin(_ start: TransferStart) {
        guard !start.transfer.hasEnded else {
            start.upload?.close()
            return
        }
        guard let easy = EasyHandle() else {
            start.transfer.finish(.failure(start.transfer.error(.connect, "out of memory")))
            start.upload?.close()
            return
        }
        let active = ActiveTransfer(easy: easy, start: start, loop: self)
        do throws(HTTPClientError) {
            try easy.configure(start)
        } catch {
            start.transfer.finish(.failure(error))
            start.upload?.close()
            return
        }
        easy.setCallbacks(active)
        easy.set(CURLOPT_SHARE, pointer: share)
        transfers[start.transfer.id] = active
        guard curl_multi_add_handle(multi, easy.pointer) == CURLM_OK else {
            return remove(
                active,
                .failure(start.transfer.error(.connect, "libcurl does not take the transfer"))
            )
        }
        schedule(active)
    }

    /// Ends a transfer; with an outcome for those who wait for it.
    private func remove(_ active: ActiveTransfer, _ outcome: Result<Void, HTTPClientError>?) {
        let neighbours = leaveConnection(active)
        var isComplete = false
        if case .success = outcome { isComplete = true }
        if !isComplete, neighbours.isEmpty { active.easy.set(CURLOPT_FORBID_REUSE, true) }
        curl_multi_remove_handle(multi, active.easy.pointer)
        if !isComplete { flush(neighbours) }
        transfers[active.transfer.id] = nil
        active.start.upload?.close()
        if let outcome { active.transfer.finish(outcome) }
        if checks.count > 2 * transfers.count + 64 { forgetOldChecks() }
    }

    /// Unpauses both directions: libcurl calls back for each, and pauses again what is still to wait.
    private func resume(_ active: ActiveTransfer) {
        curl_easy_pause(active.easy.pointer, CURLPAUSE_CONT)
        schedule(active)
    }

    private func endCompleted() {
        var waiting: Int32 = 0
        while let message = curl_multi_info_read(multi, &waiting) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
                continue
            }
            let code = ingot_curl_message_result(message)
            var context: UnsafeMutablePointer<CChar>?
            guard ingot_curl_get_string(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else {
                continue
            }
            let active = Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue()
            remove(active, code == CURLE_OK ? .success(()) : .failure(active.error(code)))
        }
    }
}

// Connections that transfers share. libcurl 7.88 keeps the frame that tells the server of a stream's end (RST_STREAM) until it
// has something else to send. So a connection of which nothing else is in use is closed, and another one is flushed.
extension TransferLoop {
    /// Notes that a transfer has got a connection which others may share.
    func join(_ active: ActiveTransfer, connection: String) {
        leaveConnection(active)
        active.connection = connection
        sharers[connection, default: []].insert(active.transfer.id)
    }

    /// Returns the other transfers on the connection.
    @discardableResult
    private func leaveConnection(_ active: ActiveTransfer) -> Set<UInt64> {
        guard let connection = active.connection else { return [] }
        active.connection = nil
        let others = sharers[connection, default: []].subtracting([active.transfer.id])
        sharers[connection] = others.isEmpty ? nil : others
        return others
    }

    /// Sends what libcurl has kept back on the connection of these transfers: a change of the window of one of them, which is
    /// taken back at once, makes it do so.
    private func flush(_ neighbours: Set<UInt64>) {
        for id in neighbours {
            guard let active = transfers[id], active.phase == .receiving else { continue }
            curl_easy_pause(active.easy.pointer, CURLPAUSE_RECV)
            curl_easy_pause(active.easy.pointer, CURLPAUSE_CONT)
            return
        }
    }
}

// Sockets and libcurl's timer.
extension TransferLoop {
    private static func curlMask(_ events: UInt32) -> Int32 {
        var mask: Int32 = 0
        if events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        return mask
    }

    private func act(_ descriptor: Int32, _ mask: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, descriptor, mask, &running)
    }

    private func watch(_ descriptor: Int32, _ what: Int32, isKnown: Bool) {
        var event = epoll_event()
        guard what != CURL_POLL_REMOVE else {
            epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, &event)
            return
        }
        if what & CURL_POLL_IN != 0 { event.events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { event.events |= EPOLLOUT.rawValue }
        event.data.fd = descriptor
        if epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event) != 0, errno == ENOENT {
            epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)
        }
    }

    private func setTimer(_ milliseconds: Int) {
        timer = milliseconds < 0 ? nil : LoopClock.now() + UInt64(milliseconds) * 1_000_000
    }

    private func runTimer() {
        guard let time = timer, time <= LoopClock.now() else { return }
        timer = nil
        act(CURL_SOCKET_TIMEOUT, 0)
    }

    /// Milliseconds until something is due, for epoll; -1 for ever.
    private func waitTime() -> Int32 {
        guard let time = [timer, checks.min?.time].compactMap(\.self).min() else { return -1 }
        let now = LoopClock.now()
        guard time > now else { return 0 }
        return Int32(min(UInt64(Int32.max), (time - now + 999_999) / 1_000_000))
    }
}

// Deadlines. A transfer's entry stays when its deadline moves back; it is renewed when its time comes.
extension TransferLoop {
    /// Sees to it that the transfer's next deadline is looked at in time.
    func schedule(_ active: ActiveTransfer) {
        guard let next = active.nextDeadline(), next.time < active.scheduledCheck else { return }
        active.scheduledCheck = next.time
        checks.insert(Check(time: next.time, id: active.transfer.id))
    }

    /// Ends the transfers whose deadline had passed when this thread looked for what has come: after the thread was kept from
    /// running, what came in time is taken first.
    private func checkDeadlines(_ now: UInt64) {
        while let check = checks.min, check.time <= now {
            checks.removeMin()
            guard let active = transfers[check.id], active.scheduledCheck == check.time else { continue }
            active.scheduledCheck = .max
            if let next = active.nextDeadline(), next.time <= now {
                remove(active, .failure(active.timeoutError(next.deadline)))
            } else {
                schedule(active)
            }
        }
    }

    private func forgetOldChecks() {
        checks = Heap(
            transfers.values.filter { $0.scheduledCheck != .max }
                .map { Check(time: $0.scheduledCheck, id: $0.transfer.id) }
        )
    }
}
