import JSON

/// The command line of an engine, as an object has it: an array of words, or a script for a shell.
struct EngineArguments {
    /// The words.
    let words: [String]

    /// The words of a container's `command` and `args`. A script behind `sh -c` is split at its blanks, with quotes taken off.
    init(_ container: JSONValue) {
        let listed = ["command", "args"].flatMap { container[$0]?.arrayValue ?? [] }.compactMap(\.stringValue)
        words = listed.flatMap { word in
            word.contains(where: { $0 == " " || $0 == "\n" }) ? Self.split(word) : [word]
        }
    }

    /// The value of the first of those options that there is: `--model NAME` or `--model=NAME`.
    func value(_ options: String...) -> String? {
        for (index, word) in words.enumerated() {
            for option in options {
                if word == option, words.indices.contains(index + 1) { return words[index + 1] }
                if word.hasPrefix(option + "=") { return String(word.dropFirst(option.utf8.count + 1)) }
            }
        }
        return nil
    }

    /// The word behind another one, as the model in `vllm serve MODEL`; nil when an option stands there.
    func word(after word: String) -> String? {
        guard let index = words.firstIndex(where: { $0 == word || $0.hasSuffix("/\(word)") }),
            words.indices.contains(index + 1)
        else { return nil }
        let next = words[index + 1]
        return next.hasPrefix("-") ? nil : next
    }

    /// The first word that is so.
    func first(where isWanted: (String) -> Bool) -> String? { words.first(where: isWanted) }

    /// Whether a word is among them.
    func contains(_ word: String) -> Bool { words.contains(word) }

    /// Splits a script as a shell does, as far as blanks and quotes go.
    private static func split(_ script: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isWord = false
        var quote: Character?
        for character in script {
            switch (character, quote) {
            case (let character, let open?) where character == open: quote = nil
            case ("'", nil), ("\"", nil):
                quote = character
                isWord = true
            case (let character, nil) where character.isWhitespace:
                if isWord { words.append(word) }
                (word, isWord) = ("", false)
            default:
                word.append(character)
                isWord = true
            }
        }
        return isWord ? words + [word] : words
    }
}
