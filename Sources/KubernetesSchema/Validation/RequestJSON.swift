public import JSON

/// The JSON of a request's body, in which a key may be there twice: Kubernetes takes the last one, and may complain.
public struct RequestJSON: Sendable {
    /// The value; of members with the same key the last one counts.
    public let value: JSONValue
    /// The paths of the keys that are there more than once, such as `spec.replicas`.
    public let duplicates: [String]

    /// Reads a body.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONParseError) {
        do {
            value = try JSONValue(parsing: bytes)
            duplicates = []
        } catch {
            guard case .duplicateKey = error.reason else { throw error }
            var reader = LastMemberReader(bytes: Array(bytes))
            guard let value = try reader.read() else { throw error }
            self.value = value
            duplicates = reader.duplicates
        }
    }
}

/// Reads JSON whose only fault is keys that are there twice. Scalars are left to `JSONValue`.
private struct LastMemberReader {
    let bytes: [UInt8]
    private(set) var duplicates: [String] = []
    private var index = 0

    private static let deepest = 128

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The value; nil when there is another fault than keys that are there twice.
    mutating func read() throws(JSONParseError) -> JSONValue? {
        guard let value = try value("", depth: 0) else { return nil }
        skipSpace()
        return index == bytes.count ? value : nil
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(_ path: String, depth: Int) throws(JSONParseError) -> JSONValue? {
        guard depth < Self.deepest else { return nil }
        if take(UInt8(ascii: "{")) { return try members(path, depth: depth) }
        if take(UInt8(ascii: "[")) { return try elements(path, depth: depth) }
        return try scalar()
    }

    private mutating func members(_ path: String, depth: Int) throws(JSONParseError) -> JSONValue? {
        var members = JSONMembers()
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard let key = try scalar()?.stringValue, take(UInt8(ascii: ":")) else { return nil }
            let inner = ValueCheck.joined(path, key)
            guard let value = try value(inner, depth: depth + 1) else { return nil }
            if members[key] != nil, !duplicates.contains(inner) { duplicates.append(inner) }
            members[key] = value
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) ? .object(members) : nil
    }

    private mutating func elements(_ path: String, depth: Int) throws(JSONParseError) -> JSONValue? {
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            guard let value = try value("\(path)[\(elements.count)]", depth: depth + 1) else { return nil }
            elements.append(value)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func scalar() throws(JSONParseError) -> JSONValue? {
        let start = index
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            index += 1
            while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            index += 1
        } else {
            while index < bytes.count, !Self.ends.contains(bytes[index]) { index += 1 }
        }
        guard start < index, index <= bytes.count else { return nil }
        return try JSONValue(parsing: bytes[start..<index])
    }

    private static let ends: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D, 0x22]
}
