/// A place in a YAML text.
public struct YAMLPosition: Sendable, Hashable {
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode characters (scalars), from 1.
    public let column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Why a text is not the YAML that it should be, and where.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in words, without the place.
    public let message: String
    /// Where.
    public let position: YAMLPosition

    /// An account of what is wrong.
    public init(_ message: String, at position: YAMLPosition) {
        self.message = message
        self.position = position
    }

    /// The place and the reason in one line, such as `line 3, column 7: did not find expected key`.
    public var description: String {
        "line \(position.line), column \(position.column): \(message)"
    }
}
