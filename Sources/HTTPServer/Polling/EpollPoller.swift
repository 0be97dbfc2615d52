#if os(Linux)
    import CLinux
    import Glibc

    /// A `Poller` over epoll(7).
    final class EpollPoller: Poller {
        private let descriptor: Int32
        private var ready = [epoll_event](repeating: epoll_event(), count: 512)

        init() throws(SocketError) {
            descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard descriptor >= 0 else { throw SocketError("epoll_create1") }
        }

        deinit {
            close(descriptor)
        }

        func add(_ descriptor: Int32, token: UInt64, interest: PollInterest) throws(SocketError) {
            try control(EPOLL_CTL_ADD, descriptor, token, interest)
        }

        func update(_ descriptor: Int32, token: UInt64, interest: PollInterest) throws(SocketError) {
            try control(EPOLL_CTL_MOD, descriptor, token, interest)
        }

        func remove(_ descriptor: Int32) {
            var event = epoll_event()
            epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, &event)
        }

        func wait(milliseconds: Int32, into events: inout [PollEvent]) throws(SocketError) {
            events.removeAll(keepingCapacity: true)
            let count = epoll_wait(descriptor, &ready, Int32(ready.count), milliseconds)
            guard count >= 0 else {
                if errno == EINTR { return }
                throw SocketError("epoll_wait")
            }
            for index in 0..<Int(count) {
                let mask = ready[index].events
                events.append(
                    PollEvent(
                        token: ready[index].data.u64,
                        isReadable: mask & EPOLLIN.rawValue != 0,
                        isWritable: mask & EPOLLOUT.rawValue != 0,
                        isBroken: mask & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
                    )
                )
            }
        }

        private func control(
            _ operation: Int32,
            _ descriptor: Int32,
            _ token: UInt64,
            _ interest: PollInterest
        ) throws(SocketError) {
            var event = epoll_event()
            if interest.contains(.read) { event.events |= EPOLLIN.rawValue }
            if interest.contains(.write) { event.events |= EPOLLOUT.rawValue }
            event.data.u64 = token
            guard epoll_ctl(self.descriptor, operation, descriptor, &event) == 0 else {
                throw SocketError("epoll_ctl")
            }
        }
    }
#endif
