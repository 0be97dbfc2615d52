/// An incremental parser of request heads, RFC 9112 §2 to §5.
///
/// It is fed the same growing bytes again and again and goes on where it stopped, so a head that comes byte by byte
/// costs no more than one that comes at once. It reads through a bounds-checked `Span` and holds no bytes itself;
/// what it finds it notes in a `RequestHead` as offsets. What only the whole head can tell (Host, body framing,
/// target) is checked by `HeadRules` when the head is complete.
struct HeadParser {
    enum Outcome: Equatable {
        /// More bytes are needed.
        case incomplete
        /// The head is complete and takes this many bytes.
        case complete(Int)
        case refused(Refusal)
    }

    /// Offset of the next byte to look at.
    private var position = 0
    /// Offset of the first byte of the current line.
    private var lineStart = 0
    private var emptyLinesBefore = 0
    private var hasRequestLine = false

    /// Whether any byte of a head has been seen.
    var hasStarted: Bool { position > 0 }

    mutating func reset() {
        self = HeadParser()
    }

    /// Looks at `bytes`, which start where the head starts and contain all that was there at the last call.
    mutating func parse(_ bytes: Span<UInt8>, limits: HeadLimits, into head: RequestHead) -> Outcome {
        let end = min(bytes.count, limits.headSize)
        while true {
            position = Self.skipText(bytes, from: position, to: end)
            if !hasRequestLine, position &- lineStart > limits.targetSize &+ Self.longestMethod {
                return .refused(unfinishedRequestLine(bytes))
            }
            guard position < end else { break }
            guard bytes[position] == 0x0D else {
                return .refused(
                    .malformed(
                        bytes[position] == 0x0A
                            ? "a line of the head ends with a bare line feed; lines end with CR LF"
                            : "the head contains a control byte"
                    )
                )
            }
            guard position &+ 1 < end else { break }
            guard bytes[position &+ 1] == 0x0A else {
                return .refused(.malformed("the head contains a carriage return that no line feed follows"))
            }
            do throws(Refusal) {
                let isLast = try finishLine(bytes, end: position, limits: limits, head: head)
                position &+= 2
                lineStart = position
                if isLast { return .complete(position) }
            } catch {
                return .refused(error)
            }
        }
        if bytes.count >= limits.headSize {
            return .refused(hasRequestLine ? .headTooLarge : unfinishedRequestLine(bytes))
        }
        return .incomplete
    }

    /// The offset of the first byte, from `start` on, that may not stand inside a line; `end` when there is none.
    @inline(__always)
    private static func skipText(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var index = start
            let end = min(end, buffer.count)
            while index < end, ByteClass.isFieldValue(buffer[index]) { index &+= 1 }
            return index
        }
    }

    /// A method longer than this is no method of any registry.
    private static let longestMethod = 64

    private func unfinishedRequestLine(_ bytes: Span<UInt8>) -> Refusal {
        for index in lineStart..<min(position, lineStart + Self.longestMethod) where bytes[index] == 0x20 {
            return .targetTooLong
        }
        return .malformed("the request line does not start with a method")
    }

    /// Takes in the line from `lineStart` to `end`; true when it was the empty line that ends the head.
    private mutating func finishLine(
        _ bytes: Span<UInt8>,
        end: Int,
        limits: HeadLimits,
        head: RequestHead
    ) throws(Refusal) -> Bool {
        if end == lineStart {
            if hasRequestLine { return true }
            // RFC 9112 §2.2: an empty line before the request line is ignored, for clients that send one after a body.
            emptyLinesBefore += 1
            guard emptyLinesBefore <= 2 else {
                throw .malformed("empty lines stand where a request line should")
            }
            return false
        }
        guard hasRequestLine else {
            try parseRequestLine(bytes, end: end, limits: limits, head: head)
            hasRequestLine = true
            return false
        }
        try parseField(bytes, end: end, limits: limits, head: head)
        return false
    }

    /// `method SP request-target SP HTTP-version`, RFC 9112 §3.
    private func parseRequestLine(
        _ bytes: Span<UInt8>,
        end: Int,
        limits: HeadLimits,
        head: RequestHead
    ) throws(Refusal) {
        var index = lineStart
        while index < end, ByteClass.isToken(bytes[index]) { index &+= 1 }
        guard index > lineStart, index < end, bytes[index] == 0x20 else {
            throw .malformed("the request line does not start with a method and one space")
        }
        guard index &- lineStart <= Self.longestMethod else {
            throw .malformed("the method is too long")
        }
        head.methodRange = ByteRange(lineStart, index)
        head.method = RequestMethod(bytes, head.methodRange)
        let targetStart = index &+ 1
        index = targetStart
        while index < end, bytes[index] > 0x20, bytes[index] < 0x7F { index &+= 1 }
        guard index < end, bytes[index] == 0x20 else {
            throw .malformed("the request line is not method, target and version with one space between")
        }
        guard index > targetStart else { throw .malformed("the request target is empty") }
        guard index &- targetStart <= limits.targetSize else { throw .targetTooLong }
        head.target = ByteRange(targetStart, index)
        head.minorVersion = try Self.parseVersion(bytes, from: index &+ 1, to: end)
    }

    /// `HTTP/DIGIT.DIGIT`, RFC 9112 §2.3; the minor version.
    private static func parseVersion(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(Refusal)
        -> UInt8
    {
        let name: StaticString = "HTTP/"
        guard end &- start == 8 else {
            throw .malformed("the request line does not end with an HTTP version")
        }
        for index in 0..<5 where bytes[start &+ index] != name.utf8Start[index] {
            throw .malformed("the request line does not end with an HTTP version")
        }
        let major = bytes[start &+ 5]
        let minor = bytes[start &+ 7]
        guard ByteClass.isDigit(major), bytes[start &+ 6] == 0x2E, ByteClass.isDigit(minor) else {
            throw .malformed("the request line does not end with an HTTP version")
        }
        guard major == 0x31, minor == 0x31 || minor == 0x30 else { throw .versionNotSupported }
        return minor &- 0x30
    }

    /// `field-name ":" OWS field-value OWS`, RFC 9112 §5.
    private func parseField(
        _ bytes: Span<UInt8>,
        end: Int,
        limits: HeadLimits,
        head: RequestHead
    ) throws(Refusal) {
        guard bytes[lineStart] != 0x20, bytes[lineStart] != 0x09 else {
            throw .malformed(
                head.fields.isEmpty
                    ? "white space stands before the first header field"
                    : "a header field is folded over several lines, which HTTP no longer allows"
            )
        }
        guard head.fields.count < limits.fieldCount else { throw .tooManyFields }
        var colon = lineStart
        while colon < end, ByteClass.isToken(bytes[colon]) { colon &+= 1 }
        guard colon < end, bytes[colon] == 0x3A else {
            throw .malformed(
                colon < end && (bytes[colon] == 0x20 || bytes[colon] == 0x09)
                    ? "white space stands between a header field's name and its colon"
                    : "a header field's name has an illegal byte or no colon after it"
            )
        }
        guard colon > lineStart else { throw .malformed("a header field has an empty name") }
        var start = colon &+ 1
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start &+= 1 }
        var stop = end
        while stop > start, bytes[stop &- 1] == 0x20 || bytes[stop &- 1] == 0x09 { stop &-= 1 }
        if let known = KnownField.named(bytes, from: lineStart, count: colon &- lineStart) {
            let slot = head.known[known.rawValue]
            if slot.count == 0 {
                head.known[known.rawValue] = .init(
                    count: 1,
                    index: UInt8(truncatingIfNeeded: head.fields.count)
                )
            } else {
                head.known[known.rawValue].count = slot.count &+ 1
            }
        }
        head.fields.append((ByteRange(lineStart, colon), ByteRange(start, stop)))
    }
}

/// What bounds a request head.
struct HeadLimits: Sendable, Equatable {
    /// Bytes of the whole head.
    var headSize = 32 * 1024
    /// Bytes of the request target.
    var targetSize = 8 * 1024
    /// Header fields; at most 250.
    var fieldCount = 100
}
