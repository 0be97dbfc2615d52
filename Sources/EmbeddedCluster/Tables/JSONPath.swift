import JSON

/// A path into an object in the form that `additionalPrinterColumns` and the scale subresource of custom resource definitions
/// use: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.metadata.labels['a.b/c']`, `.items[*].name`.
///
/// It is the part of `kubectl`'s JSONPath that names values; slices, unions and recursive descent are not.
struct JSONPath: Sendable, Hashable {
    /// Text that is no path.
    struct Invalid: Error, Hashable {
        /// What is wrong, for people.
        let description: String
    }

    /// One step of a path.
    enum Step: Sendable, Hashable {
        /// The member with that key.
        case member(String)
        /// The element with that index; a negative one counts from the end.
        case element(Int)
        /// All elements, or the values of all members.
        case all
        /// The elements that meet a condition.
        case filter(Filter)
    }

    /// A condition on an element: that it has a value at a path, or how that compares to another.
    struct Filter: Sendable, Hashable {
        var path: [Step]
        var comparison: Comparison?
        var value: JSONValue = .null
    }

    /// How two values are compared.
    enum Comparison: String, Sendable, CaseIterable {
        // Signs of two characters come first, since the others are their beginnings.
        case equal = "=="
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
    }

    /// The steps from the object on.
    let steps: [Step]

    /// Reads a path.
    init(_ text: String) throws(Invalid) {
        var parser = JSONPathParser(text: Array(text.utf8))
        steps = try parser.parse()
    }

    /// The values that the path names in an object, in order.
    func values(in root: JSONValue) -> [JSONValue] { Self.values(steps, in: root) }

    /// The keys of a path that names members only, such as `.spec.replicas`; nil for another.
    var keys: [String]? {
        var keys: [String] = []
        for step in steps {
            guard case .member(let key) = step else { return nil }
            keys.append(key)
        }
        return keys
    }

    private static func values(_ steps: [Step], in root: JSONValue) -> [JSONValue] {
        var values = [root]
        for step in steps { values = values.flatMap { take(step, in: $0) } }
        return values
    }

    private static func take(_ step: Step, in value: JSONValue) -> [JSONValue] {
        switch step {
        case .member(let key): value[key].map { [$0] } ?? []
        case .element(let index):
            value[index < 0 ? index + (value.arrayValue?.count ?? 0) : index].map { [$0] } ?? []
        case .all: value.arrayValue ?? value.objectValue?.map(\.value) ?? []
        case .filter(let filter): (value.arrayValue ?? []).filter { matches(filter, $0) }
        }
    }

    private static func matches(_ filter: Filter, _ element: JSONValue) -> Bool {
        guard let found = values(filter.path, in: element).first else { return false }
        guard let comparison = filter.comparison else { return true }
        switch comparison {
        case .equal: return found == filter.value
        case .notEqual: return found != filter.value
        case .below, .above, .atMost, .atLeast:
            if let left = found.doubleValue, let right = filter.value.doubleValue {
                return holds(comparison, left, right)
            }
            if let left = found.stringValue, let right = filter.value.stringValue {
                return holds(comparison, left, right)
            }
            return false
        }
    }

    private static func holds<Value: Comparable>(_ comparison: Comparison, _ left: Value, _ right: Value)
        -> Bool
    {
        switch comparison {
        case .below: left < right
        case .above: left > right
        case .atMost: left <= right
        case .atLeast: left >= right
        case .equal: left == right
        case .notEqual: left != right
        }
    }
}

/// Reads the language of paths.
private struct JSONPathParser {
    let text: [UInt8]
    var index = 0

    init(text: [UInt8]) {
        self.text = text
    }

    mutating func parse() throws(JSONPath.Invalid) -> [JSONPath.Step] {
        _ = take("{")
        _ = take("$")
        let steps = try steps(until: [])
        _ = take("}")
        guard index == text.count else { throw unexpected() }
        return steps
    }

    private mutating func steps(until ends: Set<UInt8>) throws(JSONPath.Invalid) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        while let byte = peek, !ends.contains(byte), byte != UInt8(ascii: "}") {
            if take(".") {
                if peek == UInt8(ascii: "[") { continue }
                let name = try name(ends)
                steps.append(name == "*" ? .all : .member(name))
            } else if take("[") {
                steps.append(try bracketed())
            } else if steps.isEmpty {
                steps.append(.member(try name(ends)))
            } else {
                throw unexpected()
            }
        }
        return steps
    }

    private mutating func bracketed() throws(JSONPath.Invalid) -> JSONPath.Step {
        let step: JSONPath.Step
        if take("*") {
            step = .all
        } else if take("?") {
            guard take("(") else { throw unexpected() }
            step = .filter(try filter())
            guard take(")") else { throw unexpected() }
        } else if peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") {
            step = .member(try quoted())
        } else {
            let word = word { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
            guard let element = Int(word) else { throw unexpected() }
            step = .element(element)
        }
        guard take("]") else { throw unexpected() }
        return step
    }

    private mutating func filter() throws(JSONPath.Invalid) -> JSONPath.Filter {
        skipSpaces()
        guard take("@") else { throw unexpected() }
        let path = try steps(until: Set(" )=!<>".utf8))
        skipSpaces()
        guard let comparison = JSONPath.Comparison.allCases.first(where: { take($0.rawValue) }) else {
            return JSONPath.Filter(path: path)
        }
        skipSpaces()
        let value = try literal()
        skipSpaces()
        return JSONPath.Filter(path: path, comparison: comparison, value: value)
    }

    private mutating func literal() throws(JSONPath.Invalid) -> JSONValue {
        if peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") { return .string(try quoted()) }
        switch word({ $0 != UInt8(ascii: ")") && $0 != UInt8(ascii: " ") }) {
        case "true": return true
        case "false": return false
        case let word:
            if let integer = Int64(word) { return .integer(integer) }
            if let number = Double(word), number.isFinite { return .number(number) }
            throw unexpected()
        }
    }

    /// A key after a dot; a `\` takes the sign behind it as it is.
    private mutating func name(_ ends: Set<UInt8>) throws(JSONPath.Invalid) -> String {
        var name: [UInt8] = []
        while let byte = peek, !ends.contains(byte), ![0x2E, 0x5B, 0x5D, 0x7D].contains(byte) {
            index += 1
            if byte == UInt8(ascii: "\\"), let escaped = peek {
                index += 1
                name.append(escaped)
            } else {
                name.append(byte)
            }
        }
        guard !name.isEmpty else { throw unexpected() }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func quoted() throws(JSONPath.Invalid) -> String {
        guard let quote = peek else { throw unexpected() }
        index += 1
        var value: [UInt8] = []
        while let byte = peek, byte != quote {
            index += 1
            if byte == UInt8(ascii: "\\"), let escaped = peek {
                index += 1
                value.append(escaped)
            } else {
                value.append(byte)
            }
        }
        guard peek == quote else { throw unexpected() }
        index += 1
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func word(_ belongs: (UInt8) -> Bool) -> String {
        let start = index
        while let byte = peek, belongs(byte) { index += 1 }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private var peek: UInt8? { index < text.count ? text[index] : nil }

    private mutating func skipSpaces() {
        while peek == 0x20 { index += 1 }
    }

    private mutating func take(_ sign: String) -> Bool {
        guard text[index...].starts(with: sign.utf8) else { return false }
        index += sign.utf8.count
        return true
    }

    private func unexpected() -> JSONPath.Invalid {
        let found = peek.map { "'\(Character(UnicodeScalar($0)))'" } ?? "the end"
        return JSONPath.Invalid(description: "unexpected \(found) at \(index)")
    }
}
