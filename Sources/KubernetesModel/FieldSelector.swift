public import JSON

/// Which values fields of an object must have: `metadata.name=a,status.phase!=Running`.
public struct FieldSelector: Sendable, Hashable {
    /// One condition on one field.
    public struct Requirement: Sendable, Hashable {
        /// The field's path, such as `status.phase`.
        public let path: String
        /// The value to compare with.
        public let value: String
        /// Whether the field must have the value, rather than must not.
        public let isEqual: Bool

        /// A condition.
        public init(path: String, value: String, isEqual: Bool = true) {
            self.path = path
            self.value = value
            self.isEqual = isEqual
        }
    }

    /// Text that is no selector.
    public struct Invalid: Error, Hashable, CustomStringConvertible {
        /// What is wrong, for people.
        public let description: String
    }

    /// The conditions, joined by "and"; none of them selects everything.
    public let requirements: [Requirement]

    /// A selector of those conditions.
    public init(_ requirements: [Requirement]) {
        self.requirements = requirements
    }

    /// Selects every object.
    public static let everything = FieldSelector([])

    /// Reads the form that requests carry in `fieldSelector`. `\`, `,` and `=` in a value are written with a `\` before them.
    ///
    /// - Throws: what cannot be understood.
    public init(_ text: String) throws(Invalid) {
        requirements = try Self.terms(of: text).filter { !$0.isEmpty }.map { (term) throws(Invalid) in
            if let (place, length, isEqual) = Self.sign(in: term) {
                return Requirement(
                    path: String(decoding: term[..<place], as: UTF8.self),
                    value: String(decoding: try Self.unescaped(term[(place + length)...]), as: UTF8.self),
                    isEqual: isEqual
                )
            }
            throw Invalid(
                description:
                    "invalid selector: '\(text)'; can't understand '\(String(decoding: term, as: UTF8.self))'"
            )
        }
    }

    private static func terms(of text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        var terms: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x5C {
                index += 1
            } else if bytes[index] == 0x2C {
                terms.append(bytes[start..<index])
                start = index + 1
            }
            index += 1
        }
        terms.append(bytes[start...])
        return terms
    }

    /// The first of the signs `!=`, `==` and `=`: where it begins, its length, and whether it asks for equality.
    private static func sign(in term: ArraySlice<UInt8>) -> (place: Int, length: Int, isEqual: Bool)? {
        for place in term.indices {
            let isDouble = term.dropFirst(place - term.startIndex + 1).first == 0x3D
            if term[place] == 0x21, isDouble { return (place, 2, false) }
            if term[place] == 0x3D { return (place, isDouble ? 2 : 1, true) }
        }
        return nil
    }

    /// A value as it is meant. As upstream, a `\` stands only before `\`, `,` and `=`, and those two never without it.
    private static func unescaped(_ value: ArraySlice<UInt8>) throws(Invalid) -> [UInt8] {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in value {
            let isSpecial = byte == 0x5C || byte == 0x2C || byte == 0x3D
            guard isSpecial == isEscaped || byte == 0x5C else {
                let text = String(decoding: value, as: UTF8.self)
                throw Invalid(
                    description: isEscaped
                        ? "invalid field selector: invalid escape sequence in '\(text)'"
                        : "invalid field selector: unescaped character in value: '\(text)'"
                )
            }
            if byte == 0x5C, !isEscaped {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        guard !isEscaped else {
            throw Invalid(description: "invalid field selector: invalid escape sequence: \\")
        }
        return result
    }

    /// Whether an object is selected. `field` gives the text of a field by its path; nil counts as empty.
    public func matches(_ field: (String) -> String?) -> Bool {
        requirements.allSatisfy { ((field($0.path) ?? "") == $0.value) == $0.isEqual }
    }

    /// Whether an object is selected, its fields taken from its JSON.
    public func matches(_ object: JSONValue) -> Bool {
        matches { object.fieldText(at: $0) }
    }
}

extension FieldSelector: CustomStringConvertible {
    /// The form that requests carry.
    public var description: String {
        requirements.map { requirement in
            var value = String.UnicodeScalarView()
            // Scalars, since a sign with an accent on it is still that sign for the reader.
            for scalar in requirement.value.unicodeScalars {
                if scalar == "\\" || scalar == "," || scalar == "=" { value.append("\\") }
                value.append(scalar)
            }
            return "\(requirement.path)\(requirement.isEqual ? "=" : "!=")\(String(value))"
        }.joined(separator: ",")
    }
}

extension JSONValue {
    /// The text of the scalar at a dotted path such as `spec.nodeName`; nil when there is none.
    func fieldText(at path: String) -> String? {
        var value = self
        for part in path.split(separator: ".") {
            guard let next = value[String(part)] else { return nil }
            value = next
        }
        switch value {
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .integer(let number): return String(number)
        default: return nil
        }
    }
}
