/// Something in a JSON document that is not as it should be.
public struct JSONFieldProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where it is, as in `resources.gpu` or `tolerations[0].key`.
    public let path: String
    /// What is wrong and what should be there instead, as in `must be an integer from 1 to 64`.
    public let message: String

    /// A problem with a field.
    public init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    /// Both in one sentence.
    public var description: String { "\(path) \(message)" }
}

/// Reads the members of an object that somebody else has written, and notes everything that is wrong with it rather than the first
/// thing only. `null` counts as absent.
///
/// A field of the wrong kind is noted and read as absent; at the end `reportUnknown` notes the members that nobody has read.
public final class JSONFields {
    /// Where problems are noted.
    private final class Notes {
        var problems: [JSONFieldProblem] = []
    }

    /// The object; nothing where something else stood in its place.
    public let members: JSONMembers
    /// Where the object is in the document; empty for the document itself.
    public let path: String
    private let notes: Notes
    private var known: [String] = []

    /// Reads a document.
    public convenience init(_ document: JSONValue) {
        self.init(document, path: "", Notes())
    }

    private init(_ value: JSONValue, path: String, _ notes: Notes) {
        self.path = path
        self.notes = notes
        members = value.objectValue ?? JSONMembers()
        if value.objectValue == nil {
            let place = path.isEmpty ? "the body" : path
            notes.problems.append(
                JSONFieldProblem(place, "must be an object, not \(value.kindDescription)")
            )
        }
    }

    /// What has been found wrong so far, in this object and in those inside it.
    public var problems: [JSONFieldProblem] { notes.problems }

    // MARK: Reading

    /// The member with that name; nil when it is absent or `null`.
    public func value(_ key: String) -> JSONValue? {
        if !known.contains(key) { known.append(key) }
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    /// A string.
    ///
    /// - Parameters:
    ///   - rule: what strings may stand there, in words that follow `must be`.
    ///   - isAllowed: whether one may.
    public func text(
        _ key: String,
        _ rule: String = "a string that is not empty",
        where isAllowed: (String) -> Bool = { !$0.isEmpty }
    ) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue, isAllowed(text) else {
            report(key, "must be \(rule)")
            return nil
        }
        return text
    }

    /// One of some words.
    public func choice(_ key: String, of words: [String]) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue, words.contains(text) else {
            let near = value.stringValue.flatMap { $0.nearest(among: words) }
            report(
                key,
                "must be \(words.alternatives)" + (near.map { "; did you mean \($0)?" } ?? "")
            )
            return nil
        }
        return text
    }

    /// An integer.
    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        guard let integer = value.integerValue, let number = Int(exactly: integer), range.contains(number)
        else {
            report(
                key,
                range.upperBound == .max
                    ? "must be an integer of at least \(range.lowerBound)"
                    : "must be an integer from \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        return number
    }

    /// A number.
    public func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.doubleValue, range.contains(number) else {
            report(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// `true` or `false`.
    public func flag(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.boolValue else {
            report(key, "must be true or false, not \(value.kindDescription)")
            return nil
        }
        return flag
    }

    /// An object, to be read in turn.
    public func object(_ key: String) -> JSONFields? {
        value(key).map { JSONFields($0, path: place(of: key), notes) }
    }

    /// The elements of an array of objects, to be read in turn.
    public func objects(_ key: String, atMost limit: Int) -> [JSONFields]? {
        elements(key, atMost: limit)?.enumerated().map { index, element in
            JSONFields(element, path: "\(place(of: key))[\(index)]", notes)
        }
    }

    /// The elements of an array.
    public func elements(_ key: String, atMost limit: Int) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.arrayValue, elements.count <= limit else {
            report(key, "must be an array of at most \(limit) elements")
            return nil
        }
        return elements
    }

    /// The elements of an array of strings.
    public func texts(_ key: String, atMost limit: Int, of rule: String = "strings") -> [String]? {
        guard let elements = elements(key, atMost: limit) else { return nil }
        let texts = elements.compactMap(\.stringValue)
        guard texts.count == elements.count else {
            report(key, "must be an array of \(rule)")
            return nil
        }
        return texts
    }

    // MARK: Problems

    /// Notes what is wrong with a member.
    public func report(_ key: String, _ message: String) {
        notes.problems.append(JSONFieldProblem(place(of: key), message))
    }

    /// Notes that a member is missing.
    public func reportMissing(_ key: String) {
        report(key, "is required")
    }

    /// Notes the members that have not been asked for, with the names that were perhaps meant.
    public func reportUnknown() {
        for member in members where !known.contains(member.key) {
            let near = member.key.nearest(among: known)
            report(member.key, "is not a known field" + (near.map { "; did you mean \($0)?" } ?? ""))
        }
    }

    /// Where a member is in the document.
    private func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

extension [String] {
    /// The words as a list in a sentence: `a, b or c`.
    public var alternatives: String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
