import CLinux
import Glibc
import JSON
import Synchronization

/// An HTTP/1.1 server on a free loopback port that does to its clients whatever a test wants. Each connection has a thread.
final class ScriptedServer: Sendable {
    struct NoSocket: Error {}

    let port: UInt16
    private let listener: Int32
    private let received = Mutex<[ScriptedRequest]>([])

    var url: String { "http://127.0.0.1:\(port)" }
    /// The requests that have come, in order.
    var requests: [ScriptedRequest] { received.withLock { $0 } }

    init(_ answer: @escaping @Sendable (ScriptedRequest, ScriptedConnection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw NoSocket() }
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 256) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else {
            close(listener)
            throw NoSocket()
        }
        let note = { @Sendable [weak self] (request: ScriptedRequest) -> ScriptedRequest in
            var request = request
            self?.received.withLock { received in
                request.number = received.count
                received.append(request)
            }
            return request
        }
        onThread {
            while true {
                let descriptor = ingot_accept(listener, nil, nil)
                guard descriptor >= 0 else {
                    // Only here, so that the number is not another socket's while this thread still uses it.
                    close(listener)
                    return
                }
                // Closed on exec from the start, lest a program that another test starts keep it open; and here calls block.
                _ = fcntl(descriptor, F_SETFL, 0)
                onThread {
                    let connection = ScriptedConnection(descriptor)
                    while let request = connection.readRequest() { answer(note(request), connection) }
                    connection.close()
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }
}

/// A request as it came.
struct ScriptedRequest: Sendable {
    var method: String
    var path: String
    /// The query's parameters, decoded.
    var query: [String: String]
    /// Header fields; names in lower case.
    var headers: [String: String]
    var body: [UInt8]
    /// How many requests came before.
    var number = 0

    var json: JSONValue? { try? JSONValue(parsing: body) }
}

/// A connection of a scripted server. Its calls block, and one thread makes them.
final class ScriptedConnection: Sendable {
    private let descriptor: Int32
    private let isOpen = Mutex(true)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    func readRequest() -> ScriptedRequest? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(1)?.first else { return nil }
            bytes.append(byte)
        }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        guard !lines.isEmpty else { return nil }
        let start = lines.removeFirst().split(separator: " ")
        guard start.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        var body: [UInt8] = []
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while body.count < length {
            guard let more = read(length - body.count) else { return nil }
            body += more
        }
        let target = start[1].split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in target.count > 1 ? target[1].split(separator: "&") : [] {
            let parts = pair.split(separator: "=", maxSplits: 1)
            query[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
        }
        return ScriptedRequest(
            method: String(start[0]),
            path: String(target[0]),
            query: query,
            headers: headers,
            body: body
        )
    }

    private func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func read(_ count: Int) -> [UInt8]? {
        guard isOpen.withLock({ $0 }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        return received > 0 ? Array(bytes.prefix(received)) : nil
    }

    // MARK: Answering

    /// Sends an answer as a whole.
    func answer(_ json: JSONValue, status: Int = 200, headers: [String: String] = [:]) {
        answer(
            json.encoded(),
            status: status,
            headers: ["Content-Type": "application/json"].merging(headers) { $1 }
        )
    }

    /// Sends an answer as a whole.
    func answer(_ body: [UInt8], status: Int = 200, headers: [String: String] = [:]) {
        var head = "HTTP/1.1 \(status) Answer\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        send(Array("\(head)\r\n".utf8) + body)
    }

    /// Begins an answer whose body comes in chunks.
    func begin() {
        send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    /// Sends a chunk; false when the client has gone away.
    @discardableResult
    func chunk(_ text: String) -> Bool {
        send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    /// Ends an answer that came in chunks.
    func end() {
        send("0\r\n\r\n")
    }

    /// Sends bytes as they are; false when the client has gone away.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        guard isOpen.withLock({ $0 }) else { return false }
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

    /// Waits until the client has gone away.
    func waitForHangUp() {
        while read(4096) != nil {}
    }

    /// Ends the connection.
    func cut() {
        guard isOpen.withLock({ $0 }) else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
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

/// Runs what blocks on a thread of its own.
func onThread(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(work))
    let problem = pthread_create(
        &thread,
        nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work() }
            return nil
        },
        box.toOpaque()
    )
    precondition(problem == 0)
    pthread_detach(thread)
}
