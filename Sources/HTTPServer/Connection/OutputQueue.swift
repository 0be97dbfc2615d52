import CLinux
import DequeModule

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Bytes that a socket has not taken yet, in order. An empty queue owns no memory.
struct OutputQueue {
    private struct Chunk {
        var bytes: [UInt8]
        var start: Int
    }

    private var chunks = Deque<Chunk>()
    /// The number of bytes that wait.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Adds the bytes from `start` on, without a copy of their own.
    mutating func append(_ bytes: [UInt8], from start: Int = 0) {
        guard start < bytes.count else { return }
        count += bytes.count - start
        chunks.append(Chunk(bytes: bytes, start: start))
    }

    /// Hands up to `limit` of the first bytes to `body` and removes them. Returns their number, 0 when there are none, or nil
    /// when `body` returned false.
    mutating func takeFirst(_ limit: Int, _ body: (UnsafeRawBufferPointer) -> Bool) -> Int? {
        guard let chunk = chunks.first else { return 0 }
        let taken = min(limit, chunk.bytes.count - chunk.start)
        let isDone = chunk.bytes.withUnsafeBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[chunk.start..<(chunk.start + taken)]))
        }
        guard isDone else { return nil }
        remove(taken)
        return taken
    }

    mutating func removeAll() {
        chunks = []
        count = 0
    }

    /// Writes as much as the socket takes, up to about a mebibyte so that one connection does not hold up the others.
    /// Returns the number of bytes written, or nil when the connection is broken.
    mutating func write(to descriptor: Int32) -> Int? {
        var written = 0
        while !isEmpty, written < 1 << 20 {
            let (outcome, offered) = send(descriptor)
            if outcome < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN, EWOULDBLOCK: return written
                default: return nil
                }
            }
            remove(outcome)
            written += outcome
            if outcome < offered { return written }
        }
        return written
    }

    /// One `sendmsg` of up to 16 chunks: what it returned, and how many bytes it was given.
    private func send(_ descriptor: Int32) -> (Int, Int) {
        let number = min(chunks.count, 16)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: 16) { vectors in
            fill(vectors, index: 0, number: number, offered: 0) { offered in
                var message = msghdr()
                message.msg_iov = vectors.baseAddress
                #if canImport(Glibc)
                    message.msg_iovlen = number
                    return (sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)), offered)
                #else
                    message.msg_iovlen = Int32(number)
                    return (sendmsg(descriptor, &message, 0), offered)
                #endif
            }
        }
    }

    /// Points `vectors` at the first chunks, all of which stay borrowed while `body` runs.
    private func fill(
        _ vectors: UnsafeMutableBufferPointer<iovec>,
        index: Int,
        number: Int,
        offered: Int,
        body: (Int) -> (Int, Int)
    ) -> (Int, Int) {
        guard index < number else { return body(offered) }
        let chunk = chunks[index]
        return chunk.bytes.withUnsafeBytes { bytes in
            let rest = bytes[min(chunk.start, bytes.count)...]
            vectors[index] = iovec(
                iov_base: UnsafeMutableRawPointer(
                    mutating: UnsafeRawBufferPointer(rebasing: rest).baseAddress
                ),
                iov_len: rest.count
            )
            return fill(vectors, index: index + 1, number: number, offered: offered + rest.count, body: body)
        }
    }

    private mutating func remove(_ number: Int) {
        count -= number
        var rest = number
        while rest > 0, let first = chunks.first {
            let size = first.bytes.count - first.start
            if rest >= size {
                chunks.removeFirst()
                rest -= size
            } else {
                chunks[0].start += rest
                rest = 0
            }
        }
        if chunks.isEmpty { chunks = [] }
    }
}
