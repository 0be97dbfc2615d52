import HTTPTypes

/// A run of bytes inside a request head.
struct ByteRange: Sendable, Equatable {
    var start: UInt32
    var end: UInt32

    static let empty = ByteRange(start: 0, end: 0)

    init(start: UInt32, end: UInt32) {
        self.start = start
        self.end = end
    }

    init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    var count: Int { Int(end) - Int(start) }
    var isEmpty: Bool { start == end }
    var bounds: Range<Int> { Int(start)..<max(Int(start), Int(end)) }
}

/// How the end of a request's body is known, RFC 9112 §6.3.
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
}

/// A request's method as the parser classifies it.
enum RequestMethod: UInt8, Sendable, CaseIterable {
    case get
    case head
    case post
    case put
    case patch
    case delete
    case options
    case trace
    case connect
    case query
    case other

    var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .query: "QUERY"
        case .other: "other"
        }
    }

    /// Safe methods ask for no change of state, RFC 9110 §9.2.1.
    var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace, .query: true
        default: false
        }
    }

    init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        func spells(_ method: RequestMethod) -> RequestMethod {
            let name = method.name
            for index in 0..<name.utf8CodeUnitCount
            where bytes[Int(range.start) + index] != name.utf8Start[index] {
                return .other
            }
            return method
        }
        switch (range.count, bytes[Int(range.start)]) {
        case (3, UInt8(ascii: "G")): self = spells(.get)
        case (3, _): self = spells(.put)
        case (4, UInt8(ascii: "H")): self = spells(.head)
        case (4, _): self = spells(.post)
        case (5, UInt8(ascii: "P")): self = spells(.patch)
        case (5, UInt8(ascii: "T")): self = spells(.trace)
        case (5, _): self = spells(.query)
        case (6, _): self = spells(.delete)
        case (7, UInt8(ascii: "O")): self = spells(.options)
        case (7, _): self = spells(.connect)
        default: self = .other
        }
    }
}

/// A parsed request head: its bytes, and where in them everything stands.
///
/// The server reuses a head for the next request of the same loop once nobody else holds it; a handler that keeps
/// one simply makes the loop take another. That is why it is `@unchecked Sendable`: it is written only by the parser
/// while exactly one reference exists, and never changes once a handler has seen it.
final class RequestHead: @unchecked Sendable {
    /// The head's bytes, from the method to the empty line.
    var bytes: [UInt8] = []
    /// Name and value of each field, in the order received.
    var fields: [(name: ByteRange, value: ByteRange)] = []
    /// For each known field, how often it came and which came first.
    var known = InlineArray<12, KnownSlot>(repeating: KnownSlot())
    var method = RequestMethod.get
    var methodRange = ByteRange.empty
    /// The request target as received.
    var target = ByteRange.empty
    /// The target's path; empty for `*`.
    var path = ByteRange.empty
    /// The target's query without `?`; nil when there is none.
    var query: ByteRange?
    /// The authority of an absolute-form target.
    var authority: ByteRange?
    /// Whether some byte of the path is percent-encoded.
    var pathHasEscapes = false
    /// 0 for HTTP/1.0, 1 for HTTP/1.1.
    var minorVersion: UInt8 = 1
    var framing = BodyFraming.none
    var keepsAlive = true
    var expectsContinue = false
    var isAsterisk = false

    struct KnownSlot: Sendable {
        var count: UInt8 = 0
        var index: UInt8 = 0
    }

    init() {
        bytes.reserveCapacity(1024)
        fields.reserveCapacity(16)
    }

    func reset() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        known = InlineArray(repeating: KnownSlot())
        method = .get
        methodRange = .empty
        target = .empty
        path = .empty
        query = nil
        authority = nil
        pathHasEscapes = false
        minorVersion = 1
        framing = .none
        keepsAlive = true
        expectsContinue = false
        isAsterisk = false
    }

    /// Where the first value of a known field stands, or nil when the field is absent.
    @inline(__always)
    func range(of field: KnownField) -> ByteRange? {
        let slot = known[field.rawValue]
        guard slot.count > 0 else { return nil }
        return fields[Int(slot.index)].value
    }

    func count(of field: KnownField) -> Int {
        Int(known[field.rawValue].count)
    }

    /// The bytes of `range`, as UTF-8 text with what is not UTF-8 replaced.
    func text(_ range: ByteRange) -> String {
        String(decoding: bytes[clamped(range)], as: UTF8.self)
    }

    /// The bytes of `range`.
    func slice(_ range: ByteRange) -> ArraySlice<UInt8> {
        bytes[clamped(range)]
    }

    private func clamped(_ range: ByteRange) -> Range<Int> {
        range.bounds.clamped(to: 0..<bytes.count)
    }

    /// The values of every field called `name` (lower case), in order.
    func values(named name: String) -> [String] {
        fields.compactMap { field in
            isEqual(field.name, name) ? text(field.value) : nil
        }
    }

    /// The first value of the field called `name` (lower case).
    func firstValue(named name: String) -> String? {
        for field in fields where isEqual(field.name, name) {
            return text(field.value)
        }
        return nil
    }

    /// The bytes of every line of a known field, joined by `, ` as RFC 9110 §5.3 allows for list fields.
    func combined(_ field: KnownField) -> [UInt8]? {
        guard let first = range(of: field) else { return nil }
        if count(of: field) == 1 { return Array(slice(first)) }
        var joined: [UInt8] = []
        let name = field.name.description
        var isFirst = true
        for candidate in fields where isEqual(candidate.name, name) {
            if !isFirst { joined += [0x2C, 0x20] }
            isFirst = false
            joined += slice(candidate.value)
        }
        return joined
    }

    private func isEqual(_ range: ByteRange, _ lowercaseName: String) -> Bool {
        guard range.count == lowercaseName.utf8.count else { return false }
        return zip(slice(range), lowercaseName.utf8).allSatisfy { ByteClass.lowercased($0) == $1 }
    }
}
