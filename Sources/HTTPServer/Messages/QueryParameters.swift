/// The decoded parameters of a query, in order, repeats kept (`application/x-www-form-urlencoded`, WHATWG URL §5.1).
public struct QueryParameters: Sendable, Equatable {
    /// Each name with its value.
    public let pairs: [(name: String, value: String)]

    /// Whether both have the same pairs in the same order.
    public static func == (left: QueryParameters, right: QueryParameters) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }

    /// Decodes the bytes after `?`. `+` is a space; bytes that are not UTF-8 are replaced.
    public init(_ query: some Collection<UInt8>) {
        pairs = query.split(separator: 0x26).map { pair in
            guard let equals = pair.firstIndex(of: 0x3D) else { return (Self.decode(pair), "") }
            return (Self.decode(pair[..<equals]), Self.decode(pair[pair.index(after: equals)...]))
        }
    }

    /// The first value of `name`, or nil.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// Every value of `name`, in order.
    public func all(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map(\.value)
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: PercentEncoding.decode(bytes, plusIsSpace: true), as: UTF8.self)
    }
}

/// Percent-encoding, RFC 3986 §2.1.
enum PercentEncoding {
    /// Decodes every valid escape; what is not one stays as it is.
    static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            if byte == 0x2B, plusIsSpace {
                decoded.append(0x20)
            } else if byte == 0x25 {
                var ahead = iterator
                if let first = ahead.next(), let high = ByteClass.hexValue(first), let second = ahead.next(),
                    let low = ByteClass.hexValue(second)
                {
                    decoded.append(high << 4 | low)
                    iterator = ahead
                } else {
                    decoded.append(byte)
                }
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }
}
