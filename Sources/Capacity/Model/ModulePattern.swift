/// A pattern of module names as quantisers write it: a name, a name with `*`, or `re:` and a regular expression.
///
/// Such a list comes with a model that anyone may have published, so the expression is matched without
/// backtracking: see ``ExpressionAutomaton``.
struct ModulePattern: Sendable, Hashable {
    private let glob: [UInt8]
    private let expression: ExpressionAutomaton?

    init(_ text: String) {
        let isExpression = text.hasPrefix("re:")
        glob = isExpression ? [] : Array(text.utf8.prefix(512))
        expression = isExpression ? ExpressionAutomaton(Array(text.dropFirst(3).utf8.prefix(512))) : nil
    }

    /// Whether a name, or a part of it, is meant.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        return expression?.matchesStart(of: name) ?? Self.globMatches(glob, name)
    }

    /// Whether a name matches a pattern in which `*` stands for any characters. Linear in both, but for one look back.
    private static func globMatches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var at = 0
        var place = 0
        var lastStar: Int?
        var lastPlace = 0
        while place < name.count {
            if at < pattern.count, pattern[at] == star {
                lastStar = at
                lastPlace = place
                at += 1
            } else if at < pattern.count, pattern[at] == name[place] {
                at += 1
                place += 1
            } else if let star = lastStar {
                at = star + 1
                lastPlace += 1
                place = lastPlace
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == star }
    }
}
