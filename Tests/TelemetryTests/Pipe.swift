import CLinux
import Glibc
import Testing

/// The two ends of a pipe, closed with it.
final class Pipe {
    let reader: Int32
    let writer: Int32
    private var isReaderOpen = true

    init() throws {
        // A write to a pipe without a reader must fail, not end the test process.
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        // A program that another test starts must not keep an end open.
        try #require(ingot_pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        closeReader()
        close(writer)
    }

    func closeReader() {
        if isReaderOpen { close(reader) }
        isReaderOpen = false
    }

    /// Lets writes fail with EAGAIN, and reads too, instead of waiting.
    func makeNonBlocking() {
        for end in [reader, writer] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    }

    /// Fills the pipe until it takes no byte more; the pipe must not block. Returns how many bytes it took.
    func fill() -> Int {
        var count = 0
        while write(writer, [0x2E], 1) == 1 { count += 1 }
        return count
    }

    /// Reads what is there, at most `limit` bytes, waiting for the first byte when the pipe blocks.
    func read(limit: Int = 1 << 20) -> String {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(reader, &buffer, limit)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Reads, waiting as long as it takes, until the text ends with `end`.
    func read(until end: String) -> String {
        var text = ""
        while !text.hasSuffix(end) {
            var descriptor = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, -1)
            let more = read()
            if more.isEmpty { break }
            text += more
        }
        return text
    }
}
