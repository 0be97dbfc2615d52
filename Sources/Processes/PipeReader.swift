internal import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads what a program prints until it has closed both its pipes.
struct PipeReader {
    private var polled: [pollfd]
    /// When it must have closed them.
    var deadline: ContinuousClock.Instant
    /// Whether it goes on although nobody waits any longer.
    var ignoresWakeUp = false
    private var buffer = [UInt8](repeating: 0, count: 16_384)

    init(output: Int32, errors: Int32, wakeUp: Int32, deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        polled = [output, errors, wakeUp].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    }

    mutating func read(
        _ isWanted: (ChildProcess.Channel, ArraySlice<UInt8>) -> Bool
    ) throws(ChildProcess.Failure) {
        while polled[0].fd >= 0 || polled[1].fd >= 0 {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw .timeout }
            if ignoresWakeUp { polled[2].fd = -1 }
            guard poll(&polled, nfds_t(polled.count), Self.milliseconds(left)) >= 0 || errno == EINTR else {
                return
            }
            if polled[2].revents != 0 { throw .cancelled }
            for index in 0...1 where polled[index].revents != 0 {
                let count = systemRead(polled[index].fd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    polled[index].fd = -1
                    polled[index].revents = 0
                    continue
                }
                guard isWanted(index == 0 ? .output : .errors, buffer[..<count]) else { throw .tooMuchOutput }
            }
        }
    }

    private static func milliseconds(_ left: Duration) -> Int32 {
        let (seconds, attoseconds) = left.components
        return Int32(min(seconds, 1000) * 1000 + attoseconds / 1_000_000_000_000_000) + 1
    }
}

private let systemRead = read(_:_:_:)

/// The two ends of a pipe, closed when another program is started.
struct Pipe {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init() throws(ChildProcess.Failure) {
        var ends: [Int32] = [-1, -1]
        guard ingot_pipe(&ends) == 0 else { throw .start(errno) }
        reading = ends[0]
        writing = ends[1]
    }

    mutating func closeWriting() {
        if writing >= 0 { systemClose(writing) }
        writing = -1
    }

    mutating func close() {
        closeWriting()
        if reading >= 0 { systemClose(reading) }
        reading = -1
    }
}

private func systemClose(_ descriptor: Int32) { close(descriptor) }
