/// An incremental decoder of the chunked transfer coding, RFC 9112 §7.1.
///
/// It accepts input in any split, appends decoded content to a caller's buffer, and keeps no byte of its own: what
/// bounds it are the limits on chunk-size digits, on extension bytes and on the trailer section.
struct ChunkedDecoder {
    enum Outcome: Equatable {
        /// All input was taken; more is needed.
        case incomplete
        /// The body ended; this much of the input belonged to it.
        case complete(Int)
        case refused(Refusal)
    }

    private enum State {
        case size
        /// White space after the size, which only an extension may follow.
        case sizeEnd
        case extensions
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerLineStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case finalLineFeed
        case done
    }

    private var state = State.size
    private var remaining = 0
    private var digits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0
    private(set) var total = 0

    /// Extension bytes over a whole body: enough for any honest use, too few to make a server read for ever.
    static let extensionLimit = 4096
    static let trailerLimit = 8192
    static let trailerFieldLimit = 100

    /// Takes in `bytes` and appends content to `body`, which may reach `limit` bytes.
    mutating func decode(_ bytes: Span<UInt8>, from start: Int, limit: Int, into body: inout [UInt8])
        -> Outcome
    {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch state {
            case .size:
                if let value = ByteClass.hexValue(byte) {
                    digits += 1
                    // 15 digits reach past any limit and cannot overflow.
                    guard digits <= 15 else { return .refused(.malformed("a chunk size is too large")) }
                    remaining = remaining << 4 | Int(value)
                } else {
                    guard digits > 0 else { return .refused(.malformed("a chunk size is not hexadecimal")) }
                    switch byte {
                    case 0x0D: state = .sizeLineFeed
                    case 0x3B: state = .extensions
                    case 0x20, 0x09: state = .sizeEnd
                    default: return .refused(.malformed("a chunk size is not hexadecimal"))
                    }
                    if state != .sizeLineFeed { extensionBytes += 1 }
                }
            case .sizeEnd:
                extensionBytes += 1
                guard extensionBytes <= Self.extensionLimit else {
                    return .refused(.malformed("the chunk extensions are too long"))
                }
                switch byte {
                case 0x3B: state = .extensions
                case 0x20, 0x09: break
                default: return .refused(.malformed("white space stands after a chunk size"))
                }
            case .extensions:
                if byte == 0x0D {
                    state = .sizeLineFeed
                } else {
                    guard ByteClass.isFieldValue(byte) else {
                        return .refused(.malformed("a chunk extension contains a control byte"))
                    }
                    extensionBytes += 1
                    guard extensionBytes <= Self.extensionLimit else {
                        return .refused(.malformed("the chunk extensions are too long"))
                    }
                }
            case .sizeLineFeed:
                guard byte == 0x0A else {
                    return .refused(.malformed("a chunk size line does not end with CR LF"))
                }
                if remaining == 0 {
                    state = .trailerLineStart
                } else {
                    // RFC 9110 §15.5.14: refuse before taking in what will not be used.
                    guard remaining <= limit - total else { return .refused(.bodyTooLarge) }
                    state = .data
                }
                digits = 0
            case .data:
                let count = min(remaining, bytes.count - index)
                body.append(contentsOf: bytes, from: index, count: count)
                total += count
                remaining -= count
                index += count
                if remaining == 0 { state = .dataCarriageReturn }
                continue
            case .dataCarriageReturn:
                guard byte == 0x0D else {
                    return .refused(.malformed("a chunk's data does not end with CR LF"))
                }
                state = .dataLineFeed
            case .dataLineFeed:
                guard byte == 0x0A else {
                    return .refused(.malformed("a chunk's data does not end with CR LF"))
                }
                state = .size
            case .trailerLineStart, .trailerName, .trailerValue, .trailerLineFeed:
                if let refusal = trailer(byte) { return .refused(refusal) }
            case .finalLineFeed:
                guard byte == 0x0A else {
                    return .refused(.malformed("the trailer section does not end with CR LF"))
                }
                state = .done
                return .complete(index + 1)
            case .done:
                return .complete(index)
            }
            index += 1
        }
        return .incomplete
    }

    /// Trailer fields are checked like header fields and then dropped, as RFC 9110 §6.5.1 allows: no route reads any.
    private mutating func trailer(_ byte: UInt8) -> Refusal? {
        trailerBytes += 1
        guard trailerBytes <= Self.trailerLimit else { return .headTooLarge }
        switch state {
        case .trailerLineStart:
            if byte == 0x0D {
                state = .finalLineFeed
            } else if ByteClass.isToken(byte) {
                trailerFields += 1
                guard trailerFields <= Self.trailerFieldLimit else { return .tooManyFields }
                state = .trailerName
            } else {
                return .malformed("a trailer field's name is empty or has an illegal byte")
            }
        case .trailerName:
            if byte == 0x3A {
                state = .trailerValue
            } else if !ByteClass.isToken(byte) {
                return .malformed("a trailer field's name has an illegal byte or no colon after it")
            }
        case .trailerValue:
            if byte == 0x0D {
                state = .trailerLineFeed
            } else if !ByteClass.isFieldValue(byte) {
                return .malformed("a trailer field contains a control byte")
            }
        default:
            guard byte == 0x0A else { return .malformed("a trailer field does not end with CR LF") }
            state = .trailerLineStart
        }
        return nil
    }
}

extension [UInt8] {
    /// Appends `count` bytes of `span` from `start`, cut short where the span ends.
    mutating func append(contentsOf span: Span<UInt8>, from start: Int, count: Int) {
        span.withUnsafeBufferPointer { buffer in
            let lower = Swift.min(Swift.max(start, 0), buffer.count)
            let upper = Swift.min(lower + Swift.max(count, 0), buffer.count)
            append(contentsOf: UnsafeBufferPointer(rebasing: buffer[lower..<upper]))
        }
    }
}
