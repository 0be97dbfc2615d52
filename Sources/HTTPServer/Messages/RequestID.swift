/// The id of one request: taken from `X-Request-Id` when that is sane, made otherwise. It is in the answer, in the access
/// log and in every error.
enum RequestID: Sendable, Equatable {
    /// Given by the client: where it stands in the head.
    case received(ByteRange)
    /// Made here, 32 hexadecimal digits.
    case made(UInt64, UInt64)

    /// The longest id that is taken over.
    static let longest = 128

    /// The client's id if it is 1 to 128 letters, digits, `.`, `_`, `-`, `:` or `/`, so that it cannot disturb a log or an answer.
    static func received(in head: RequestHead) -> RequestID? {
        guard head.count(of: .requestID) == 1, let range = head.range(of: .requestID),
            !range.isEmpty, range.count <= longest
        else { return nil }
        let value = head.slice(range)
        // Of a head that was refused only the beginning is kept.
        guard value.count == range.count else { return nil }
        for byte in value {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D, 0x3A, 0x2F: continue
            default: return nil
            }
        }
        return .received(range)
    }

    func append(to bytes: inout [UInt8], head: RequestHead?) {
        switch self {
        case .received(let range):
            if let head { bytes.append(contentsOf: head.slice(range)) }
        case .made(let high, let low):
            var digits = InlineArray<32, UInt8>(repeating: 0)
            Decimal.hexadecimalDigits(high, low, into: &digits)
            digits.span.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        }
    }

    func text(_ head: RequestHead?) -> String {
        var bytes: [UInt8] = []
        append(to: &bytes, head: head)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Makes request ids: a random half for each loop and a counter, so that ids neither collide nor cost a system call.
struct RequestIDSource {
    private let high: UInt64
    private var low: UInt64

    init() {
        var generator = SystemRandomNumberGenerator()
        high = generator.next()
        low = generator.next()
    }

    @inline(__always)
    mutating func next() -> RequestID {
        low &+= 1
        return .made(high, low)
    }
}
