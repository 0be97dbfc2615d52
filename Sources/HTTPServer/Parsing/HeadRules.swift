/// What must hold of a complete request head: target, Host, body framing, persistence and expectation.
enum HeadRules {
    /// Checks `head` and fills in what follows from its fields.
    static func apply(to head: RequestHead, authority: AuthorityPolicy) throws(Refusal) {
        let bytes = head.bytes
        let span = bytes.span
        try splitTarget(head, span, authority)
        try checkHost(head, span, authority)
        try frameBody(head, span)
        readConnection(head, span)
        try readExpectation(head, span)
    }

    // MARK: Target, RFC 9112 §3.2

    private static func splitTarget(
        _ head: RequestHead,
        _ bytes: Span<UInt8>,
        _ policy: AuthorityPolicy
    ) throws(Refusal) {
        let start = Int(head.target.start)
        let end = Int(head.target.end)
        if head.method == .connect { throw .connectNotImplemented }
        if bytes[start] == 0x2F {
            try splitPath(head, bytes, start, end)
            return
        }
        if bytes[start] == 0x2A, end - start == 1 {
            guard head.method == .options else {
                throw .malformed("the request target * is for OPTIONS only")
            }
            head.isAsterisk = true
            return
        }
        let scheme: StaticString = policy.isSecure ? "https://" : "http://"
        let size = scheme.utf8CodeUnitCount
        guard end - start > size else { throw .malformed("the request target does not start with /") }
        for index in 0..<size where ByteClass.lowercased(bytes[start + index]) != scheme.utf8Start[index] {
            throw .malformed("the request target does not start with / or \(scheme)")
        }
        var index = start + size
        while index < end, bytes[index] != 0x2F, bytes[index] != 0x3F { index += 1 }
        head.authority = ByteRange(start + size, index)
        if index == end {
            // RFC 9112 §3.2.4: OPTIONS with an absolute-form target and no path means OPTIONS *.
            head.isAsterisk = head.method == .options
            return
        }
        try splitPath(head, bytes, index, end)
    }

    private static func splitPath(_ head: RequestHead, _ bytes: Span<UInt8>, _ start: Int, _ end: Int)
        throws(Refusal)
    {
        var index = start
        var segmentStart = start + 1
        while index < end, bytes[index] != 0x3F {
            let byte = bytes[index]
            guard ByteClass.isPath(byte) else {
                throw .malformed("the request target has an illegal byte in its path")
            }
            if byte == 0x25 {
                let value = try escape(bytes, index, end)
                guard value != 0 else { throw .malformed("the request target contains %00") }
                head.pathHasEscapes = true
                index += 2
            } else if byte == 0x2F {
                try refuseDotSegment(bytes, segmentStart, index)
                segmentStart = index + 1
            }
            index += 1
        }
        try refuseDotSegment(bytes, segmentStart, index)
        head.path = ByteRange(start, index)
        guard index < end else { return }
        let queryStart = index + 1
        index = queryStart
        while index < end {
            let byte = bytes[index]
            guard ByteClass.isQuery(byte) else {
                throw .malformed("the request target has an illegal byte in its query")
            }
            if byte == 0x25 {
                _ = try escape(bytes, index, end)
                index += 2
            }
            index += 1
        }
        head.query = ByteRange(queryStart, end)
    }

    private static func escape(_ bytes: Span<UInt8>, _ index: Int, _ end: Int) throws(Refusal) -> UInt8 {
        guard index + 2 < end, let high = ByteClass.hexValue(bytes[index + 1]),
            let low = ByteClass.hexValue(bytes[index + 2])
        else {
            throw .malformed("the request target has a % that two hexadecimal digits do not follow")
        }
        return high << 4 | low
    }

    /// `.` and `..`, also spelled `%2e`: a client resolves them before it sends (RFC 3986 §5.2.4), so one that arrives is
    /// an attempt to climb.
    private static func refuseDotSegment(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(Refusal) {
        guard end > start, end - start <= 6, bytes[start] == 0x2E || bytes[start] == 0x25 else { return }
        var index = start
        var dots = 0
        while index < end {
            if bytes[index] == 0x2E {
                index += 1
            } else if bytes[index] == 0x25, index + 2 < end, bytes[index + 1] == 0x32,
                bytes[index + 2] | 0x20 == 0x65
            {
                index += 3
            } else {
                return
            }
            dots += 1
        }
        if dots <= 2 { throw .malformed("the request target has a . or .. segment") }
    }

    // MARK: Host, RFC 9112 §3.2 and RFC 9110 §7.2

    private static func checkHost(
        _ head: RequestHead,
        _ bytes: Span<UInt8>,
        _ policy: AuthorityPolicy
    ) throws(Refusal) {
        switch head.count(of: .host) {
        case 0:
            guard head.minorVersion == 0 else { throw .malformed("HTTP/1.1 requires a Host header field") }
        case 1:
            guard let range = head.range(of: .host) else { break }
            guard let host = HostAndPort(bytes, range) else {
                throw .malformed("the Host header field is malformed")
            }
            if head.authority == nil, !policy.serves(host, bytes) { throw .misdirected }
        default:
            throw .malformed("the request has more than one Host header field")
        }
        guard let range = head.authority else { return }
        guard let host = HostAndPort(bytes, range) else {
            throw .malformed("the request target's authority is malformed")
        }
        guard policy.serves(host, bytes), policy.isPortServed(host.port ?? policy.defaultPort) else {
            throw .malformed("the request target names a host or port that this server is not")
        }
    }

    // MARK: Body framing, RFC 9112 §6

    private static func frameBody(_ head: RequestHead, _ bytes: Span<UInt8>) throws(Refusal) {
        let lengths = head.count(of: .contentLength)
        let codings = head.count(of: .transferEncoding)
        if codings > 0 {
            guard lengths == 0 else {
                throw .malformed("the request has both Content-Length and Transfer-Encoding")
            }
            guard head.minorVersion == 1 else {
                throw .malformed("HTTP/1.0 has no Transfer-Encoding")
            }
            try checkCodings(head)
            head.framing = .chunked
            return
        }
        guard lengths > 0, let range = head.range(of: .contentLength) else { return }
        guard lengths == 1 else { throw .malformed("the request has more than one Content-Length") }
        guard range.count > 0 else { throw .malformed("Content-Length is empty") }
        var length = 0
        for index in range.bounds {
            let byte = bytes[index]
            guard ByteClass.isDigit(byte) else {
                throw .malformed("Content-Length is not one decimal number")
            }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte &- 0x30))
            guard !overflow, !carry else { throw .malformed("Content-Length is too large for any body") }
            length = sum
        }
        head.framing = length == 0 ? .none : .length(length)
    }

    private static func checkCodings(_ head: RequestHead) throws(Refusal) {
        let value = head.combined(.transferEncoding) ?? []
        let codings = value.split(separator: 0x2C, omittingEmptySubsequences: false).map(ListValue.trimmed)
        guard let last = codings.last, ListValue.isEqual(last, "chunked") else {
            throw .malformed("the last coding of Transfer-Encoding is not chunked, so the body has no end")
        }
        guard codings.count > 1 else { return }
        guard !codings.dropLast().contains(where: { $0.isEmpty || ListValue.isEqual($0, "chunked") }) else {
            throw .malformed("Transfer-Encoding names chunked more than once or has an empty coding")
        }
        throw .unknownTransferCoding
    }

    // MARK: Persistence, RFC 9112 §9.3, and expectation, RFC 9110 §10.1.1

    private static func readConnection(_ head: RequestHead, _ bytes: Span<UInt8>) {
        head.keepsAlive = head.minorVersion == 1
        guard let value = head.count(of: .connection) > 0 ? head.combined(.connection) : nil else { return }
        for option in ListValue.elements(of: value) {
            if ListValue.isEqual(option, "close") {
                head.keepsAlive = false
                return
            }
            if ListValue.isEqual(option, "keep-alive") { head.keepsAlive = true }
        }
    }

    private static func readExpectation(_ head: RequestHead, _ bytes: Span<UInt8>) throws(Refusal) {
        guard let range = head.range(of: .expect) else { return }
        guard head.count(of: .expect) == 1, ListValue.isEqual(head.slice(range), "100-continue") else {
            throw .expectationFailed
        }
        // RFC 9110 §10.1.1: a 100-continue expectation in an HTTP/1.0 request is ignored.
        head.expectsContinue = head.minorVersion == 1 && head.framing != .none
    }
}

extension String {
    func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        var view = Substring(self)
        while let first = view.first, isTrimmed(first) { view.removeFirst() }
        while let last = view.last, isTrimmed(last) { view.removeLast() }
        return String(view)
    }
}
