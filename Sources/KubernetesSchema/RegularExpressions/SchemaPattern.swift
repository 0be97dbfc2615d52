/// A regular expression of a schema, in the syntax of Go's `regexp` (RE2), compiled once.
///
/// Matching takes time in proportion to the text, whatever the expression, since expressions come from clients.
public struct SchemaPattern: Sendable {
    /// The expression as it was written.
    public let text: String
    private let program: PatternProgram

    /// Compiles an expression; nil when its syntax is wrong or it is too large.
    public init?(_ text: String) {
        var parser = PatternParser(text)
        guard let node = parser.parse(), let program = PatternProgram(node) else { return nil }
        self.text = text
        self.program = program
    }

    /// Whether the expression matches anywhere in `candidate`.
    public func matches(_ candidate: String) -> Bool {
        program.matches(candidate)
    }
}
