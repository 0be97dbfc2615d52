/// The name of a repository on the Hub: `owner/name`, or a name alone for a few old ones such as `gpt2`.
///
/// The rules are those by which the Hub's own client checks names (`huggingface_hub`, `validate_repo_id`): 1 to 96 characters
/// A-Z, a-z, 0-9, `-`, `_`, `.` in each part, which begins and ends with none of `-` and `.`; nowhere `--` or `..`; no `.git` at
/// the end. Such a name can stand in a path without leading elsewhere.
public struct RepositoryID: Sendable, Hashable {
    /// The whole name.
    public let text: String

    /// The name; nil when it breaks the rules.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ Self.isPart($0) }), !text.hasSuffix(".git"),
            !Self.repeats(text.utf8)
        else { return nil }
        self.text = text
    }

    /// Who the repository belongs to: what is before the slash; the whole name when there is none.
    public var owner: String {
        String(text.prefix { $0 != "/" })
    }

    /// What is behind the slash; the whole name when there is none.
    public var name: String {
        text.firstIndex(of: "/").map { String(text[text.index(after: $0)...]) } ?? text
    }

    private static func isPart(_ part: Substring.UTF8View.SubSequence) -> Bool {
        guard (1...96).contains(part.count), let first = part.first, let last = part.last else {
            return false
        }
        return isWord(first) && isWord(last)
            && part.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Whether two hyphens or two dots follow each other.
    private static func repeats(_ text: String.UTF8View) -> Bool {
        zip(text, text.dropFirst()).contains {
            $0 == $1 && ($0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "."))
        }
    }
}

extension RepositoryID: CustomStringConvertible {
    /// The name.
    public var description: String { text }
}
