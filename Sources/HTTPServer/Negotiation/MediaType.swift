/// A media type as in `Content-Type`, RFC 9110 §8.3.1, in lower case.
struct MediaType: Equatable {
    let type: String
    let subtype: String
    /// The parameters by name; quoted values without their quotes.
    let parameters: [String: String]

    /// Nil when `value` is not one media type.
    init?(_ value: some Collection<UInt8>) {
        let parts = ListValue.split(value, at: 0x3B)
        guard let range = parts.first else { return nil }
        let halves = range.split(separator: 0x2F, maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let type = Self.token(halves[0]), let subtype = Self.token(halves[1]) else {
            return nil
        }
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let name = part.prefix { $0 != 0x3D }
            guard name.count < part.count, let key = Self.token(name) else { return nil }
            guard let text = Self.text(part.dropFirst(name.count + 1)) else { return nil }
            parameters[key] = text
        }
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    private static func token(_ bytes: some Collection<UInt8>) -> String? {
        guard !bytes.isEmpty, bytes.allSatisfy(ByteClass.isToken) else { return nil }
        return String(decoding: bytes.map(ByteClass.lowercased), as: UTF8.self)
    }

    /// A token or a quoted string.
    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        guard bytes.first == 0x22 else {
            guard !bytes.isEmpty, bytes.allSatisfy(ByteClass.isToken) else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        var content: [UInt8] = []
        var isEscaped = false
        var rest = bytes.dropFirst().makeIterator()
        while let byte = rest.next() {
            if isEscaped {
                content.append(byte)
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = true
            } else if byte == 0x22 {
                return rest.next() == nil ? String(decoding: content, as: UTF8.self) : nil
            } else {
                content.append(byte)
            }
        }
        return nil
    }
}
