/// A media type as in `Content-Type`, RFC 9110 §8.3.1, in lower case.
struct MediaType: Equatable {
    let type: String
    let subtype: String
    /// The parameters by name; quoted values without their quotes, and of those that are repeated the first.
    let parameters: [String: String]

    /// Nil when `value` is not one media type.
    init?(_ value: some BidirectionalCollection<UInt8>) {
        let essence = ListValue.trimmed(value.prefix { $0 != 0x3B })
        let typeBytes = essence.prefix { $0 != 0x2F }
        guard typeBytes.endIndex < essence.endIndex, let type = Self.token(typeBytes),
            let subtype = Self.token(essence[typeBytes.endIndex...].dropFirst())
        else {
            return nil
        }
        var parameters: [String: String] = [:]
        for parameter in ListElements(value.drop { $0 != 0x3B }, separatedBy: 0x3B) {
            let name = parameter.prefix { $0 != 0x3D }
            guard name.endIndex < parameter.endIndex, let key = Self.token(name),
                let text = Self.text(parameter[name.endIndex...].dropFirst())
            else {
                return nil
            }
            if parameters[key] == nil { parameters[key] = text }
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
