import Glibc

/// A blocking TCP client that sends and reads bytes as they are, or through TLS.
///
/// A call that takes longer than `Patience` allows fails.
final class RawClient {
    /// A call on the socket failed.
    struct SocketFailure: Error {
        let call: String
        let code: Int32
    }

    /// The server closed the connection before the answer was complete.
    struct EndedEarly: Error {
        let received: String
    }

    private let descriptor: Int32
    private var isOpen = true
    /// Bytes read off the socket that no answer has taken yet.
    private var buffer: [UInt8] = []
    /// Encrypts what is sent and decrypts what is read; nil on a plain connection.
    let tls: TLSClientSession?
    /// Encrypted bytes that the system did not take; they go before all others.
    private var unsent: [UInt8] = []

    /// - Parameters:
    ///   - source: the last byte of the loopback address to connect from, 127.0.0.x.
    ///   - receiveBuffer: bytes that the system may hold for a client that does not read.
    ///   - tls: the client's side of TLS; the first byte that is sent comes after the handshake.
    init(port: UInt16, source: UInt8 = 1, receiveBuffer: Int32? = nil, tls: TLSClientSession? = nil) throws {
        self.tls = tls
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketFailure(call: "socket", code: errno) }
        var limit = timeval(tv_sec: Patience.seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        if var receiveBuffer {
            // Set before the handshake, which tells the other side how much may be on its way.
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        // Binding takes a port of the source address away from other connections, so it is done only where it matters.
        let isBound = source == 1 || Self.withAddress(source, port: 0) { bind(descriptor, $0, $1) } == 0
        guard isBound, Self.withAddress(1, port: port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close()
            throw SocketFailure(call: "connect", code: code)
        }
    }

    private static func withAddress(
        _ host: UInt8,
        port: UInt16,
        _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(host)).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }

    /// Closes with a reset, as a client does that crashed or lost interest with data unread.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    /// Says that nothing more will be sent, and goes on reading.
    func shutdownWrite() {
        if let tls { try? sendRaw(tls.goodbye()) }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    // MARK: Sending

    /// Sends all of `text`. A server that has closed already is no failure: what it answered can still be read.
    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: some Collection<UInt8>) throws {
        guard let tls else {
            try sendRaw(bytes)
            return
        }
        // What the server answered and closed upon, before the handshake was done, can still be read.
        guard try shakeHands(tls) else { return }
        try sendRaw(tls.encrypt(Array(bytes)))
    }

    /// Shakes hands unless that is done; false when the server has closed.
    @discardableResult
    func shakeHands(_ tls: TLSClientSession) throws -> Bool {
        while try !tls.advance() {
            try sendRaw(tls.takeOutgoing())
            guard let bytes = try receiveRaw() else { return false }
            tls.feed(bytes)
        }
        try sendRaw(tls.takeOutgoing())
        return true
    }

    /// Sends bytes on the socket as they are.
    func sendRaw(_ bytes: some Collection<UInt8>) throws {
        var rest = (unsent + bytes)[...]
        unsent = []
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count < 0 else {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EPIPE, ECONNRESET: return
            default: throw SocketFailure(call: "send", code: errno)
            }
        }
    }

    /// Sends every byte with a call of its own.
    func sendByteByByte(_ bytes: some Collection<UInt8>) throws {
        var wire = Array(bytes)
        if let tls {
            guard try shakeHands(tls) else { return }
            wire = try tls.encrypt(wire)
        }
        for byte in wire { try sendRaw(CollectionOfOne(byte)) }
    }

    /// Sends `block` again and again until the system takes no more or `limit` bytes are sent; returns how many were taken.
    /// The server has stopped to read when nothing moves for a while: that only decides how much is taken, not whether.
    func sendUntilBlocked(_ block: [UInt8], limit: Int) -> Int {
        if let tls { return sendUntilBlocked(block, limit: limit, through: tls) }
        var sent = 0
        while sent < limit {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, 200) == 1 else { break }
            let count = Glibc.send(descriptor, block, block.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    private func sendUntilBlocked(_ block: [UInt8], limit: Int, through tls: TLSClientSession) -> Int {
        guard (try? shakeHands(tls)) == true else { return 0 }
        var sent = 0
        while sent < limit, unsent.isEmpty {
            guard let record = try? tls.encrypt(block) else { break }
            sent += block.count
            var rest = record[...]
            while !rest.isEmpty {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&wait, 1, 200) == 1 else { break }
                let count = rest.withUnsafeBytes {
                    Glibc.send(
                        descriptor,
                        $0.baseAddress,
                        $0.count,
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                    )
                }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            unsent = Array(rest)
        }
        return sent
    }

    // MARK: Reading

    /// Reads some bytes; false at the end of the stream. A reset counts as its end: bytes before it were read.
    private func readMore() throws -> Bool {
        guard let tls else {
            guard let bytes = try receiveRaw() else { return false }
            buffer.append(contentsOf: bytes)
            return true
        }
        guard try shakeHands(tls) else { return false }
        while true {
            let plain = try tls.decrypt()
            try sendRaw(tls.takeOutgoing())
            if !plain.isEmpty {
                buffer.append(contentsOf: plain)
                return true
            }
            guard !tls.isEnded, let bytes = try receiveRaw() else { return false }
            tls.feed(bytes)
        }
    }

    /// Reads bytes off the socket as they are; nil at the end of the stream.
    func receiveRaw() throws -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(descriptor, &block, block.count, 0)
            if count > 0 { return Array(block[..<count]) }
            if count == 0 || errno == ECONNRESET { return nil }
            guard errno == EINTR else { throw SocketFailure(call: "recv", code: errno) }
        }
    }

    /// Everything until the server closes.
    func readToEnd() throws -> [UInt8] {
        while try readMore() {}
        defer { buffer = [] }
        return buffer
    }

    /// Whether the server closes without sending anything more.
    var isClosedByPeer: Bool {
        get throws {
            guard buffer.isEmpty else { return false }
            return try !readMore()
        }
    }

    /// Takes `count` bytes.
    func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try readMore() else { throw EndedEarly(received: String(decoding: buffer, as: UTF8.self)) }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// Takes everything before the next `end`, and `end` itself.
    func read(until end: String) throws -> String {
        let end = Array(end.utf8)
        var start = 0
        while true {
            while start + end.count <= buffer.count {
                if buffer[start] == end[0], buffer[start..<(start + end.count)].elementsEqual(end) {
                    let text = String(decoding: buffer[..<start], as: UTF8.self)
                    buffer.removeFirst(start + end.count)
                    return text
                }
                start += 1
            }
            guard try readMore() else { throw EndedEarly(received: String(decoding: buffer, as: UTF8.self)) }
        }
    }

    /// Reads one answer, also an interim one, and nothing beyond it.
    ///
    /// - Parameter isHead: it answers a HEAD request, so no body follows whatever its fields say (RFC 9112 §6.3).
    func readResponse(isHead: Bool = false) throws -> ReceivedResponse {
        var response = try ReceivedResponse(head: read(until: "\r\n\r\n"))
        guard !isHead, response.status >= 200, response.status != 204, response.status != 304 else {
            return response
        }
        if response["transfer-encoding"] == "chunked" {
            try readChunks(into: &response)
        } else if let length = response["content-length"].flatMap(Int.init) {
            response.body = try read(length)
        } else {
            response.body = try readToEnd()
        }
        return response
    }

    private func readChunks(into response: inout ReceivedResponse) throws {
        while true {
            let line = try read(until: "\r\n")
            guard let size = Int(line, radix: 16) else { throw ReceivedResponse.Malformed(line: line) }
            if size == 0 { break }
            response.body += try read(size)
            let end = try read(2)
            guard end == [0x0D, 0x0A] else { throw ReceivedResponse.Malformed(line: line) }
        }
        while true {
            let line = try read(until: "\r\n")
            if line.isEmpty { return }
            response.trailers.append(try ReceivedResponse.field(line[...]))
        }
    }
}
