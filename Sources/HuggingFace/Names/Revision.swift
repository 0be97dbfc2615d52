/// A state of a repository: a branch, a tag, a reference such as `refs/pr/1`, or a commit.
public struct Revision: Sendable, Hashable {
    /// The text as Git has it.
    public let text: String

    /// The branch that every repository has.
    public static let main = Revision(unchecked: "main")

    /// A revision; nil when the text is none: empty, longer than 250 bytes, with `..`, or with other characters than letters,
    /// digits, `.`, `_`, `-`, `/` and `+`.
    public init?(_ text: String) {
        let other = "._-/+".utf8
        guard (1...250).contains(text.utf8.count), !text.hasPrefix("/"), !text.hasPrefix("."),
            text.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: other.contains(byte)
                }
            }),
            !zip(text.utf8, text.utf8.dropFirst()).contains(where: {
                ($0, $1) == (UInt8(ascii: "."), UInt8(ascii: "."))
            })
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// Whether this is the full hash of a commit, which always means the same files.
    public var isCommit: Bool {
        text.utf8.count == 40
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}

extension Revision: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}
