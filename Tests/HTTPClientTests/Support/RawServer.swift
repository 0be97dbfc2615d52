import CLinux
import Glibc
import Synchronization

/// A server that does to its connections whatever a test wants, on a free loopback port. Each connection has a thread.
final class RawServer: Sendable {
    struct NoSocket: Error {
        let call: String
    }

    let port: UInt16
    /// Connections that were accepted.
    let connections = Signal()
    private let listener: Int32

    var url: String { "http://127.0.0.1:\(port)/" }

    init(_ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw NoSocket(call: "socket") }
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 1024) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isBound else { throw NoSocket(call: "bind") }
        Threads.run { [connections] in
            while true {
                let descriptor = ingot_accept(listener, nil, nil)
                guard descriptor >= 0 else {
                    // Only here, so that the number is not another listener's while this thread still uses it.
                    Glibc.close(listener)
                    return
                }
                // Closed on exec from the start, lest a program that another test starts keep it open; and here calls block.
                _ = fcntl(descriptor, F_SETFL, 0)
                connections.add()
                Threads.run {
                    let connection = RawConnection(descriptor)
                    serve(connection)
                    connection.close()
                }
            }
        }
    }

    /// A server that reads the request's head, sends `bytes` and closes the connection.
    convenience init(answer bytes: String) throws {
        try self.init { connection in
            guard connection.readHead() != nil else { return }
            connection.send(bytes)
            connection.finishSending()
            connection.readToEnd()
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }
}

/// A connection of a raw server. Its calls block.
final class RawConnection: Sendable {
    private let descriptor: Int32
    private let isOpen = Mutex(true)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads until an empty line; nil when the client goes away before.
    func readHead() -> String? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(1)?.first else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads `count` bytes at most; nil when the client has gone away.
    func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        return received > 0 ? Array(bytes.prefix(received)) : nil
    }

    /// Reads until the client goes away.
    func readToEnd() {
        while read(65_536) != nil {}
    }

    /// Waits until the client has closed the connection, without reading what it sent.
    func waitForHangUp() {
        var entry = pollfd(fd: descriptor, events: Int16(CLinux.EPOLLRDHUP.rawValue), revents: 0)
        poll(&entry, 1, -1)
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    /// Sends all bytes; false when the client has gone away.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Says that no more bytes come.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends the connection with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func close() {
        isOpen.withLock { isOpen in
            if isOpen { Glibc.close(descriptor) }
            isOpen = false
        }
    }
}
