public import JSON

/// Which labels an object must have, as `kubectl -l` and `spec.selector` say it. Requirements are joined by "and".
public struct LabelSelector: Sendable, Hashable {
    /// One condition on one label.
    public enum Requirement: Sendable, Hashable {
        /// The label exists and has one of the values.
        case isIn(String, [String])
        /// The label does not exist or has none of the values.
        case isNotIn(String, [String])
        /// The label exists.
        case exists(String)
        /// The label does not exist.
        case doesNotExist(String)
        /// The label's value is an integer above the given one.
        case isAbove(String, Int64)
        /// The label's value is an integer below the given one.
        case isBelow(String, Int64)
    }

    /// Text that is no selector.
    public struct Invalid: Error, Hashable, CustomStringConvertible {
        /// What is wrong, for people.
        public let description: String
    }

    /// The conditions; none of them selects everything.
    public let requirements: [Requirement]

    /// A selector of those conditions.
    public init(_ requirements: [Requirement]) {
        self.requirements = requirements
    }

    /// Selects every object.
    public static let everything = LabelSelector([])

    /// Objects with exactly these values.
    public init(matching labels: [String: String]) {
        requirements = labels.sorted { $0.key < $1.key }.map { .isIn($0.key, [$0.value]) }
    }

    /// Reads the form that requests carry in `labelSelector`: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
    public init(_ text: String) throws(Invalid) {
        var parser = LabelSelectorParser(text: Array(text.utf8))
        requirements = try parser.parse()
    }

    /// Reads an object's selector with `matchLabels` and `matchExpressions` (meta/v1 LabelSelector). An absent selector selects
    /// nothing by Kubernetes' rule, so the caller decides; an empty one selects everything.
    public init(object: JSONValue) throws(Invalid) {
        var requirements: [Requirement] = []
        for member in object["matchLabels"]?.objectValue ?? JSONMembers() {
            guard let value = member.value.stringValue else {
                throw Invalid(description: "matchLabels.\(member.key): must be a string")
            }
            requirements.append(.isIn(member.key, [value]))
        }
        for expression in object["matchExpressions"]?.arrayValue ?? [] {
            requirements.append(try Requirement(expression: expression))
        }
        self.requirements = requirements
    }

    /// Whether an object with those labels is selected.
    public func matches(_ labels: (String) -> String?) -> Bool {
        requirements.allSatisfy { $0.matches(labels) }
    }

    /// Whether an object with those labels is selected.
    public func matches(_ labels: [String: String]) -> Bool {
        matches { labels[$0] }
    }
}

extension LabelSelector.Requirement {
    /// Reads one element of `matchExpressions` or of a node selector term.
    public init(expression: JSONValue) throws(LabelSelector.Invalid) {
        guard let key = expression["key"]?.stringValue, !key.isEmpty else {
            throw LabelSelector.Invalid(description: "matchExpressions: key is required")
        }
        let values = (expression["values"]?.arrayValue ?? []).compactMap(\.stringValue)
        func bound() throws(LabelSelector.Invalid) -> Int64 {
            guard let text = values.first, values.count == 1, let bound = Int64(text) else {
                throw LabelSelector.Invalid(description: "\(key): exactly one integer is needed in values")
            }
            return bound
        }
        switch expression["operator"]?.stringValue {
        case "In": self = .isIn(key, values)
        case "NotIn": self = .isNotIn(key, values)
        case "Exists": self = .exists(key)
        case "DoesNotExist": self = .doesNotExist(key)
        case "Gt": self = .isAbove(key, try bound())
        case "Lt": self = .isBelow(key, try bound())
        case let other:
            throw LabelSelector.Invalid(
                description: "\"\(other ?? "")\" is not a valid label selector operator"
            )
        }
    }

    /// Whether those labels meet the condition.
    public func matches(_ labels: (String) -> String?) -> Bool {
        switch self {
        case .isIn(let key, let values): labels(key).map(values.contains) ?? false
        case .isNotIn(let key, let values): labels(key).map { !values.contains($0) } ?? true
        case .exists(let key): labels(key) != nil
        case .doesNotExist(let key): labels(key) == nil
        case .isAbove(let key, let bound): labels(key).flatMap(Int64.init).map { $0 > bound } ?? false
        case .isBelow(let key, let bound): labels(key).flatMap(Int64.init).map { $0 < bound } ?? false
        }
    }
}

extension LabelSelector: CustomStringConvertible {
    /// The form that requests carry.
    public var description: String {
        requirements.map { requirement in
            switch requirement {
            case .isIn(let key, let values) where values.count == 1: "\(key)=\(values[0])"
            case .isIn(let key, let values): "\(key) in (\(values.sorted().joined(separator: ",")))"
            case .isNotIn(let key, let values) where values.count == 1: "\(key)!=\(values[0])"
            case .isNotIn(let key, let values): "\(key) notin (\(values.sorted().joined(separator: ",")))"
            case .exists(let key): key
            case .doesNotExist(let key): "!\(key)"
            case .isAbove(let key, let bound): "\(key)>\(bound)"
            case .isBelow(let key, let bound): "\(key)<\(bound)"
            }
        }.joined(separator: ",")
    }
}

/// Reads the selector language of apimachinery's `labels.Parse`.
private struct LabelSelectorParser {
    let text: [UInt8]
    var index = 0

    init(text: [UInt8]) {
        self.text = text
    }

    mutating func parse() throws(LabelSelector.Invalid) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        skipSpaces()
        guard index < text.count else { return [] }
        while true {
            requirements.append(try requirement())
            skipSpaces()
            guard index < text.count else { return requirements }
            guard take(0x2C) else { throw unexpected(", or the end") }
        }
    }

    private mutating func requirement() throws(LabelSelector.Invalid) -> LabelSelector.Requirement {
        skipSpaces()
        if take(0x21) { return .doesNotExist(try key()) }
        let key = try key()
        skipSpaces()
        guard index < text.count, text[index] != 0x2C else { return .exists(key) }
        if take(0x21) {
            guard take(0x3D) else { throw unexpected("!=") }
            return .isNotIn(key, [word()])
        }
        if take(0x3D) {
            _ = take(0x3D)
            return .isIn(key, [word()])
        }
        if take(0x3E) { return .isAbove(key, try integer()) }
        if take(0x3C) { return .isBelow(key, try integer()) }
        switch word() {
        case "in": return .isIn(key, try values())
        case "notin": return .isNotIn(key, try values())
        default: throw unexpected("in, notin, =, ==, !=, > or <")
        }
    }

    private mutating func values() throws(LabelSelector.Invalid) -> [String] {
        skipSpaces()
        guard take(0x28) else { throw unexpected("(") }
        var values: [String] = []
        repeat { values.append(word()) } while take(0x2C)
        guard take(0x29) else { throw unexpected(")") }
        return values
    }

    private mutating func integer() throws(LabelSelector.Invalid) -> Int64 {
        guard let value = Int64(word()) else { throw unexpected("an integer") }
        return value
    }

    private mutating func key() throws(LabelSelector.Invalid) -> String {
        let key = word()
        guard !key.isEmpty else { throw unexpected("a label's key") }
        return key
    }

    /// What stands up to the next space or sign of the language; spaces around it are skipped.
    private mutating func word() -> String {
        skipSpaces()
        let start = index
        while index < text.count, !Self.ends.contains(text[index]) { index += 1 }
        defer { skipSpaces() }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private static let ends = Set(" \t\n\r,=!<>()".utf8)

    private mutating func skipSpaces() {
        while index < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < text.count, text[index] == byte else { return false }
        index += 1
        return true
    }

    private func unexpected(_ wanted: String) -> LabelSelector.Invalid {
        let found = index < text.count ? "'\(Character(UnicodeScalar(text[index])))'" : "the end"
        return LabelSelector.Invalid(
            description: "unable to parse requirement: found \(found) at \(index), expected: \(wanted)"
        )
    }
}
