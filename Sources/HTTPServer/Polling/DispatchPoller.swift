import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A `Poller` over Dispatch sources, for systems without epoll.
///
/// Each descriptor has up to two sources. A source that fires is suspended and noted; the next `wait` resumes those that
/// are still wanted, which gives level-triggered behaviour without a flood of events.
final class DispatchPoller: Poller {
    private final class Watch {
        let token: UInt64
        var interest: PollInterest = []
        var read: (any DispatchSourceProtocol)?
        var write: (any DispatchSourceProtocol)?
        var readIsRunning = false
        var writeIsRunning = false

        init(token: UInt64) {
            self.token = token
        }
    }

    private struct Fired: Sendable {
        var descriptor: Int32
        var token: UInt64
        var kind: PollInterest
    }

    private final class Inbox: Sendable {
        let fired = Mutex<[Fired]>([])
        let signal = DispatchSemaphore(value: 0)

        func post(_ event: Fired) {
            fired.withLock { $0.append(event) }
            signal.signal()
        }
    }

    private let queue = DispatchQueue(label: "ingot.poller")
    private let inbox = Inbox()
    private var watches: [Int32: Watch] = [:]

    init() {}

    deinit {
        for descriptor in Array(watches.keys) { remove(descriptor) }
    }

    func add(_ descriptor: Int32, token: UInt64, interest: PollInterest) throws(SocketError) {
        guard watches[descriptor] == nil else { throw SocketError("add", code: EEXIST) }
        watches[descriptor] = Watch(token: token)
        try update(descriptor, token: token, interest: interest)
    }

    func update(_ descriptor: Int32, token: UInt64, interest: PollInterest) throws(SocketError) {
        guard let watch = watches[descriptor] else { throw SocketError("update", code: ENOENT) }
        watch.interest = interest
        resume(watch, descriptor)
        if !interest.contains(.read), watch.readIsRunning {
            watch.read?.suspend()
            watch.readIsRunning = false
        }
        if !interest.contains(.write), watch.writeIsRunning {
            watch.write?.suspend()
            watch.writeIsRunning = false
        }
    }

    func remove(_ descriptor: Int32) {
        guard let watch = watches.removeValue(forKey: descriptor) else { return }
        // Only the cancellation handler tells that the kernel watches the descriptor no longer. Closed before, its number could
        // come back with a new connection, which Dispatch would take for the old one and never report.
        let cancelled = DispatchGroup()
        for (source, isRunning) in [(watch.read, watch.readIsRunning), (watch.write, watch.writeIsRunning)] {
            guard let source else { continue }
            cancelled.enter()
            source.setCancelHandler { cancelled.leave() }
            source.cancel()
            // A suspended source runs no handler, and may not be released.
            if !isRunning { source.resume() }
        }
        cancelled.wait()
        inbox.fired.withLock { $0.removeAll { $0.descriptor == descriptor } }
    }

    func wait(milliseconds: Int32, into events: inout [PollEvent]) throws(SocketError) {
        events.removeAll(keepingCapacity: true)
        for (descriptor, watch) in watches { resume(watch, descriptor) }
        let deadline: DispatchTime =
            milliseconds < 0 ? .distantFuture : .now() + .milliseconds(Int(milliseconds))
        guard inbox.signal.wait(timeout: deadline) == .success else { return }
        while inbox.signal.wait(timeout: .now()) == .success {}
        let fired = inbox.fired.withLock { list in
            defer { list.removeAll(keepingCapacity: true) }
            return list
        }
        for event in fired {
            guard let watch = watches[event.descriptor], watch.token == event.token else { continue }
            if event.kind == .read {
                if watch.readIsRunning { watch.read?.suspend() }
                watch.readIsRunning = false
            } else {
                if watch.writeIsRunning { watch.write?.suspend() }
                watch.writeIsRunning = false
            }
            guard watch.interest.contains(event.kind) else { continue }
            events.append(
                PollEvent(
                    token: event.token,
                    isReadable: event.kind == .read,
                    isWritable: event.kind == .write,
                    isBroken: false
                )
            )
        }
    }

    private func resume(_ watch: Watch, _ descriptor: Int32) {
        if watch.interest.contains(.read), !watch.readIsRunning {
            let source = watch.read ?? makeSource(descriptor, watch.token, .read)
            watch.read = source
            watch.readIsRunning = true
            source.resume()
        }
        if watch.interest.contains(.write), !watch.writeIsRunning {
            let source = watch.write ?? makeSource(descriptor, watch.token, .write)
            watch.write = source
            watch.writeIsRunning = true
            source.resume()
        }
    }

    private func makeSource(
        _ descriptor: Int32,
        _ token: UInt64,
        _ kind: PollInterest
    ) -> any DispatchSourceProtocol {
        let source: any DispatchSourceProtocol =
            kind == .read
            ? DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            : DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [inbox] in
            inbox.post(Fired(descriptor: descriptor, token: token, kind: kind))
        }
        return source
    }
}
