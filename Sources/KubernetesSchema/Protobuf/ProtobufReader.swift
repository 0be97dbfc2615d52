/// Reads the wire format of protobuf (protobuf.dev, "Encoding"): tags, variable-length integers and byte strings.
struct ProtobufReader {
    /// Bytes that are no protobuf.
    struct Malformed: Error {}

    /// The payload of a field.
    enum Payload {
        case integer(UInt64)
        case bytes(ArraySlice<UInt8>)
        case fixed64(UInt64)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field's number and payload; nil at the end.
    mutating func next() throws(Malformed) -> (number: Int, payload: Payload)? {
        guard !rest.isEmpty else { return nil }
        let tag = try integer()
        let number = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0: return (number, .integer(try integer()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            guard let count = Int(exactly: try integer()), count <= rest.count else { throw Malformed() }
            let bytes = rest.prefix(count)
            rest = rest.dropFirst(count)
            return (number, .bytes(bytes))
        case 5: return (number, .integer(try fixed(4)))
        default: throw Malformed()
        }
    }

    private mutating func integer() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = rest.popFirst() else { throw Malformed() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Malformed()
    }

    private mutating func fixed(_ count: Int) throws(Malformed) -> UInt64 {
        guard rest.count >= count else { throw Malformed() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
