import HTTPTypes

/// The head of an answer on its way to bytes.
enum ResponseHead {
    /// How the end of the body is told, RFC 9112 §6.3.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    /// Appends the head of `response` to the loop's scratch.
    static func encode(
        _ response: borrowing Response,
        _ exchange: borrowing Exchange,
        framing: Framing,
        keepsAlive: Bool,
        loop: EventLoop
    ) {
        let head = exchange.head
        appendStatusLine(response.status, to: &loop.scratch)
        loop.clock.appendDateField(to: &loop.scratch)
        if response.status.allowsBody {
            if let contentType = response.contentType {
                append("Content-Type: ", contentType.value, to: &loop.scratch)
            }
            append(framing, to: &loop.scratch)
        }
        loop.scratch.append(contentsOf: identityName.utf8Buffer)
        exchange.identity.append(to: &loop.scratch, head: head)
        loop.scratch.append(contentsOf: lineEndAndNoSniff.utf8Buffer)
        if let tag = response.entityTag { append("ETag: ", tag, to: &loop.scratch) }
        if response.fields.isEmpty {
            appendCaching(hasTag: response.entityTag != nil, to: &loop.scratch)
        } else {
            append(response.fields, hasTag: response.entityTag != nil, to: &loop.scratch)
        }
        if let origin = head.range(of: .origin) {
            CrossOrigin.appendFields(head, origin, cors: loop.settings.cors, to: &loop.scratch)
        }
        if !keepsAlive {
            loop.scratch.append(contentsOf: connectionClose.utf8Buffer)
        } else if head.minorVersion == 0 {
            loop.scratch.append(contentsOf: connectionKeepAlive.utf8Buffer)
        }
        loop.scratch.append(contentsOf: lineEnd.utf8Buffer)
    }

    private static func append(_ framing: Framing, to bytes: inout [UInt8]) {
        switch framing {
        case .length(let length):
            bytes.append(contentsOf: contentLength.utf8Buffer)
            Decimal.append(UInt64(max(length, 0)), to: &bytes)
            bytes.append(contentsOf: lineEnd.utf8Buffer)
        case .chunked: bytes.append(contentsOf: chunked.utf8Buffer)
        case .untilClose: break
        }
    }

    private static func append(_ fields: [HTTPField], hasTag: Bool, to bytes: inout [UInt8]) {
        if !fields.contains(where: { $0.name == .cacheControl }) { appendCaching(hasTag: hasTag, to: &bytes) }
        for field in fields where !isReserved(field.name) { append(field, to: &bytes) }
    }

    /// An answer without a validator is true at one moment only; one with a validator may be kept and asked about.
    private static func appendCaching(hasTag: Bool, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: (hasTag ? noCache : noStore).utf8Buffer)
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
