internal import JSON

extension YAMLEvent.Scalar {
    private static let standardTag = "tag:yaml.org,2002:"

    /// The value that the scalar's tag or, without one, the core schema (YAML 1.2.2, chapter 10.3.2) gives it.
    func resolved(at position: YAMLPosition) throws(YAMLError) -> JSONValue {
        let value: JSONValue?
        switch tag {
        case nil: value = isPlain ? try coreValue(at: position) : .string(text)
        case "!", Self.standardTag + "str": value = .string(text)
        case Self.standardTag + "null": value = CoreSchema.isNull(text) ? .null : nil
        case Self.standardTag + "bool": value = CoreSchema.boolean(text).map { .bool($0) }
        case Self.standardTag + "int": value = CoreSchema.integer(text)
        case Self.standardTag + "float":
            value = try coreValue(at: position).doubleValue.map { .number($0) }
        case let tag?: throw YAMLError("the tag \(tag) is not known", at: position)
        }
        guard let value else {
            throw YAMLError("\(JSONValue.string(text)) is not what its tag \(tag ?? "") says", at: position)
        }
        return value
    }

    private func coreValue(at position: YAMLPosition) throws(YAMLError) -> JSONValue {
        if CoreSchema.isNull(text) { return .null }
        if let value = CoreSchema.boolean(text) { return .bool(value) }
        if let value = CoreSchema.integer(text) { return value }
        if CoreSchema.isFloat(text) || CoreSchema.isNonFinite(text) {
            // The standard library wants digits around the point, YAML does not.
            let digits = text.first == "+" ? text.dropFirst() : text[...]
            guard let value = Double(CoreSchema.padded(digits)), value.isFinite else {
                throw YAMLError("\(text) is a number that JSON cannot express", at: position)
            }
            return .number(value)
        }
        return .string(text)
    }
}

/// The scalars of the core schema that are no strings.
enum CoreSchema {
    static func isNull(_ text: String) -> Bool {
        ["", "~", "null", "Null", "NULL"].contains(text)
    }

    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// The value of an integer in base 10, 8 (`0o`) or 16 (`0x`); a floating-point number when it does not fit 64 bits.
    static func integer(_ text: String) -> JSONValue? {
        if text.hasPrefix("0x") { return integer(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return integer(text.dropFirst(2), radix: 8) }
        let digits = text.utf8.first == 0x2D || text.utf8.first == 0x2B ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        if let value = Int64(text) { return .integer(value) }
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }

    private static func integer(_ digits: Substring, radix: Int) -> JSONValue? {
        guard let first = digits.utf8.first, first != 0x2D, first != 0x2B,
            digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        return Int64(digits, radix: radix).map { .integer($0) }
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func skip(_ bytes: UInt8...) -> Bool {
            guard let first = rest.first, bytes.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = skip(0x2D, 0x2B)
        let whole = digits()
        let fraction = skip(0x2E) ? digits() : 0
        guard whole + fraction > 0 else { return false }
        if skip(0x65, 0x45) {
            _ = skip(0x2D, 0x2B)
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// `[-+]? ( \.inf | \.Inf | \.INF ) | \.nan | \.NaN | \.NAN`
    static func isNonFinite(_ text: String) -> Bool {
        let unsigned = text.utf8.first == 0x2D || text.utf8.first == 0x2B ? text.dropFirst() : text[...]
        return [".inf", ".Inf", ".INF"].contains(unsigned) || [".nan", ".NaN", ".NAN"].contains(text)
    }

    /// The number with a digit on each side of its point.
    static func padded(_ number: Substring) -> String {
        guard let point = number.utf8.firstIndex(of: 0x2E) else { return String(number) }
        var whole = number[..<point]
        let sign = whole.utf8.first == 0x2D ? "-" : ""
        whole = whole.dropFirst(sign.utf8.count)
        let fraction = number[number.utf8.index(after: point)...]
        let needsDigit = fraction.utf8.first.map { !(0x30...0x39).contains($0) } ?? true
        return "\(sign)\(whole.isEmpty ? "0" : whole).\(needsDigit ? "0" : "")\(fraction)"
    }
}
