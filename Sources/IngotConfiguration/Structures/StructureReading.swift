internal import JSON

/// Reads a value of the configuration that has parts, and collects everything that is wrong with them.
struct StructureReading {
    /// What is wrong, in the order of the parts.
    private(set) var refusals: [ValueRefusal] = []

    /// What was read when nothing is wrong with it.
    func result<Value>(_ value: Value) throws(ValueRefusal) -> Value {
        guard var first = refusals.first else { return value }
        first.further = Array(refusals.dropFirst())
        throw first
    }

    mutating func refuse(_ place: String, found: String, expected: String) {
        refusals.append(ValueRefusal(found: found, expected: expected, place: place))
    }

    /// The members of an object that has no keys but these.
    mutating func members(_ value: JSONValue, _ place: String, keys: [String]) -> JSONMembers {
        guard let members = value.objectValue else {
            refuse(
                place,
                found: value.foundDescription,
                expected: "an object with the keys " + Self.list(keys)
            )
            return JSONMembers()
        }
        for member in members where !keys.contains(member.key) {
            refuse(
                place + Self.step(member.key),
                found: "an unknown key",
                expected: "one of the keys " + Self.list(keys)
            )
        }
        return members
    }

    /// A value that `read` takes; nil when there is none, and a refusal when it does not take it.
    mutating func optional<Value>(
        _ value: JSONValue?,
        _ place: String,
        expected: String,
        read: (JSONValue) -> Value?
    ) -> Value? {
        guard let value else { return nil }
        if let value = read(value) { return value }
        refuse(place, found: value.foundDescription, expected: expected)
        return nil
    }

    /// A value that must be there.
    mutating func required<Value>(
        _ value: JSONValue?,
        _ place: String,
        expected: String,
        read: (JSONValue) -> Value?
    ) -> Value? {
        if value == nil { refuse(place, found: "nothing", expected: expected) }
        return optional(value, place, expected: expected, read: read)
    }

    /// A whole number in a range; nil when there is none.
    mutating func number(_ value: JSONValue?, _ place: String, in range: ClosedRange<Int>) -> Int? {
        let kind = ConfigurationKind.integer(range)
        return optional(value, place, expected: kind.expectation) { value in
            guard case .integer(let number) = try? kind.read(value) else { return nil }
            return number
        }
    }

    /// A list of texts without NUL; empty when there is none.
    mutating func texts(_ value: JSONValue?, _ place: String) -> [String] {
        optional(value, place, expected: "a list of texts") { value in
            let texts = value.arrayValue?.compactMap(\.plainText)
            return texts?.count == value.arrayValue?.count ? texts : nil
        } ?? []
    }

    /// An object of texts that `isAllowed`; empty when there is none.
    mutating func table(
        _ value: JSONValue?,
        _ place: String,
        expected: String,
        isAllowed: (_ key: String, _ text: String) -> Bool
    ) -> [String: String] {
        guard let value else { return [:] }
        guard let members = value.objectValue else {
            refuse(place, found: value.foundDescription, expected: expected)
            return [:]
        }
        var table: [String: String] = [:]
        for member in members {
            if let text = member.value.plainText, isAllowed(member.key, text) {
                table[member.key] = text
            } else {
                refuse(
                    place + Self.step(member.key),
                    found: member.value.foundDescription,
                    expected: expected
                )
            }
        }
        return table
    }

    /// A step from an object to the value of a key, as it stands in the path of what is wrong.
    static func step(_ key: String) -> String {
        let shown = key.plainOrQuotedForMessage
        return shown == key ? ".\(key)" : "[\(shown)]"
    }

    private static func list(_ keys: [String]) -> String { keys.joined(separator: ", ") }
}

extension JSONValue {
    /// A text without NUL, which neither an argument nor a variable can hold.
    var plainText: String? { stringValue.flatMap { $0.utf8.contains(0) ? nil : $0 } }
}
