import HTTPTypes

/// The head of an answer on its way to bytes.
struct ResponseHead {
    /// How the end of the body is told, RFC 9112 §6.3.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    private let response: Response
    private let exchange: Exchange
    private let framing: Framing
    private let keepsAlive: Bool

    init(_ response: borrowing Response, exchange: Exchange, framing: Framing, keepsAlive: Bool) {
        self.response = copy response
        self.exchange = exchange
        self.framing = framing
        self.keepsAlive = keepsAlive
    }

    /// Appends the head to the loop's scratch.
    func encode(loop: EventLoop) {
        Self.appendStatusLine(response.status, to: &loop.scratch)
        loop.clock.appendDateField(to: &loop.scratch)
        if let contentType = response.contentType, response.status.allowsBody {
            Self.append("Content-Type: ", contentType.value, to: &loop.scratch)
        }
        appendFraming(to: &loop.scratch)
        loop.scratch.append(contentsOf: Self.identityName.utf8Buffer)
        exchange.identity.append(to: &loop.scratch, head: exchange.head)
        loop.scratch.append(contentsOf: Self.lineEndAndNoSniff.utf8Buffer)
        appendCaching(to: &loop.scratch)
        for field in response.fields where !Self.isReserved(field.name) {
            Self.append(field, to: &loop.scratch)
        }
        if let origin = exchange.head.range(of: .origin) {
            CrossOrigin.appendFields(exchange.head, origin, cors: loop.settings.cors, to: &loop.scratch)
        }
        if !keepsAlive {
            loop.scratch.append(contentsOf: Self.connectionClose.utf8Buffer)
        } else if exchange.head.minorVersion == 0 {
            loop.scratch.append(contentsOf: Self.connectionKeepAlive.utf8Buffer)
        }
        loop.scratch.append(contentsOf: Self.lineEnd.utf8Buffer)
    }

    private func appendFraming(to bytes: inout [UInt8]) {
        guard response.status.allowsBody else { return }
        switch framing {
        case .length(let length):
            bytes.append(contentsOf: Self.contentLength.utf8Buffer)
            Decimal.append(UInt64(max(length, 0)), to: &bytes)
            bytes.append(contentsOf: Self.lineEnd.utf8Buffer)
        case .chunked: bytes.append(contentsOf: Self.chunked.utf8Buffer)
        case .untilClose: break
        }
    }

    /// An answer without a validator is true at one moment only; one with a validator may be kept and asked about.
    private func appendCaching(to bytes: inout [UInt8]) {
        if let tag = response.entityTag { Self.append("ETag: ", tag, to: &bytes) }
        if !response.fields.isEmpty, response.fields.contains(where: { $0.name == .cacheControl }) { return }
        let value = response.entityTag == nil ? Self.noStore : Self.noCache
        bytes.append(contentsOf: value.utf8Buffer)
    }

    private static let lineEnd: StaticString = "\r\n"
    private static let identityName: StaticString = "X-Request-Id: "
    private static let lineEndAndNoSniff: StaticString = "\r\nX-Content-Type-Options: nosniff\r\n"
    private static let noStore: StaticString = "Cache-Control: no-store\r\n"
    private static let noCache: StaticString = "Cache-Control: no-cache\r\n"
    private static let contentLength: StaticString = "Content-Length: "
    private static let chunked: StaticString = "Transfer-Encoding: chunked\r\n"
    private static let connectionClose: StaticString = "Connection: close\r\n"
    private static let connectionKeepAlive: StaticString = "Connection: keep-alive\r\n"

    /// Fields that the server sets and nobody else.
    private static func isReserved(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName {
        case "content-length", "transfer-encoding", "connection", "date", "content-type", "x-request-id": true
        default: false
        }
    }

    static func append(_ field: HTTPField, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: field.name.rawName.utf8)
        append(": ", field.value, to: &bytes)
    }

    private static func append(_ name: StaticString, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8Buffer)
        bytes.append(contentsOf: value.utf8)
        bytes.append(contentsOf: lineEnd.utf8Buffer)
    }

    static func appendStatusLine(_ status: HTTPResponse.Status, to bytes: inout [UInt8]) {
        if status.code == 200 {
            bytes.append(contentsOf: okLine.utf8Buffer)
            return
        }
        bytes.append(contentsOf: version.utf8Buffer)
        Decimal.append(UInt64(max(status.code, 0)), to: &bytes)
        bytes.append(0x20)
        bytes.append(contentsOf: status.reasonPhrase.utf8)
        bytes.append(contentsOf: lineEnd.utf8Buffer)
    }

    private static let okLine: StaticString = "HTTP/1.1 200 OK\r\n"
    private static let version: StaticString = "HTTP/1.1 "
}

extension StaticString {
    /// The bytes of the literal, which live as long as the process.
    var utf8Buffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
