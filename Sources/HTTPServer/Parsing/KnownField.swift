/// The request fields that the server itself reads. The parser notes where each stands, so that reading one costs
/// no search.
enum KnownField: Int, CaseIterable {
    case host
    case contentLength
    case transferEncoding
    case connection
    case expect
    case upgrade
    case accept
    case acceptEncoding
    case contentType
    case ifNoneMatch
    case origin
    case requestID

    /// The field's name in lower case.
    var name: StaticString {
        switch self {
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .expect: "expect"
        case .upgrade: "upgrade"
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .contentType: "content-type"
        case .ifNoneMatch: "if-none-match"
        case .origin: "origin"
        case .requestID: "x-request-id"
        }
    }

    /// The field that `name` spells in any case, or nil.
    @inline(__always)
    static func named(_ bytes: Span<UInt8>, from start: Int, count: Int) -> KnownField? {
        // The length alone rules out nearly every field, and tells at most two candidates apart.
        switch count {
        case 4: match(bytes, start, .host)
        case 6: match(bytes, start, .expect) ?? match(bytes, start, .accept) ?? match(bytes, start, .origin)
        case 7: match(bytes, start, .upgrade)
        case 10: match(bytes, start, .connection)
        case 12: match(bytes, start, .contentType) ?? match(bytes, start, .requestID)
        case 13: match(bytes, start, .ifNoneMatch)
        case 14: match(bytes, start, .contentLength)
        case 15: match(bytes, start, .acceptEncoding)
        case 17: match(bytes, start, .transferEncoding)
        default: nil
        }
    }

    @inline(__always)
    private static func match(_ bytes: Span<UInt8>, _ start: Int, _ field: KnownField) -> KnownField? {
        let name = field.name
        let letters = name.utf8Start
        for index in 0..<name.utf8CodeUnitCount
        where ByteClass.lowercased(bytes[start + index]) != letters[index] {
            return nil
        }
        return field
    }
}
