/// Splits a simple script into its commands and their words, by the quoting rules of the shell (POSIX, Shell Command Language).
enum ShellWords {
    /// Stands for a `$` that is quoted, and so begins no variable.
    static let quotedDollar: Character = "\u{2}"

    /// When a command runs, by how the one before it ended.
    enum Link: Sendable {
        case always
        case onSuccess
        case onFailure
    }

    struct Command: Sendable {
        var link: Link
        var words: [String]
    }

    /// The script has something that is not simple: a pipe, a redirection to a file, a subshell, a background command.
    struct NotSimple: Error {}

    static func commands(_ script: String) throws(NotSimple) -> [Command] {
        var reader = Reader(text: Array(script))
        try reader.read()
        return reader.commands
    }

    private struct Reader {
        let text: [Character]
        var index = 0
        var commands: [Command] = []
        private var link = Link.always
        private var words: [String] = []
        private var word: String?

        init(text: [Character]) {
            self.text = text
        }

        private func next(_ offset: Int = 0) -> Character? {
            text.indices.contains(index + offset) ? text[index + offset] : nil
        }

        private mutating func endWord() {
            if let word { words.append(word) }
            word = nil
        }

        private mutating func endCommand(_ following: Link) {
            endWord()
            if !words.isEmpty {
                commands.append(Command(link: link, words: words))
                link = following
            }
            words = []
        }

        mutating func read() throws(NotSimple) {
            while let character = next() {
                index += 1
                switch character {
                case " ", "\t": endWord()
                case "\n", ";": endCommand(.always)
                case "#" where word == nil: while let other = next(), other != "\n" { index += 1 }
                case "&":
                    guard next() == "&" else { throw NotSimple() }
                    index += 1
                    endCommand(.onSuccess)
                case "|":
                    guard next() == "|" else { throw NotSimple() }
                    index += 1
                    endCommand(.onFailure)
                case ">": try readRedirection()
                case "<", "(", ")", "*", "?":
                    // `$(date)` alone is understood.
                    guard character == "(", word?.hasSuffix("$") == true, text[index...].starts(with: "date)")
                    else { throw NotSimple() }
                    word? += "(date)"
                    index += 5
                case "'": try readQuoted("'")
                case "\"": try readQuoted("\"")
                case "\\":
                    if let escaped = next(), escaped != "\n" {
                        word = (word ?? "") + String(escaped == "$" ? ShellWords.quotedDollar : escaped)
                    }
                    index += 1
                default: word = (word ?? "") + String(character)
                }
            }
            endCommand(.always)
        }

        private mutating func readQuoted(_ quote: Character) throws(NotSimple) {
            word = word ?? ""
            while let character = next() {
                index += 1
                if character == quote { return }
                if quote == "\"", character == "\\", let escaped = next(), "\"\\$`".contains(escaped) {
                    word? += String(escaped == "$" ? ShellWords.quotedDollar : escaped)
                    index += 1
                } else {
                    word? += String(quote == "'" && character == "$" ? ShellWords.quotedDollar : character)
                }
            }
            throw NotSimple()
        }

        /// Output that goes to the other output stream, or nowhere, changes little.
        private mutating func readRedirection() throws(NotSimple) {
            if word == "1" || word == "2" { word = nil }
            endWord()
            for target in ["&2", "&1", "/dev/stderr", "/dev/stdout", " /dev/stderr", " /dev/stdout"]
            where text[index...].starts(with: target) {
                index += target.count
                return
            }
            throw NotSimple()
        }
    }
}
