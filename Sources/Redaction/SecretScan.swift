/// One walk through a text that leaves out what is written as secrets are.
struct SecretScan {
    private let text: [UInt8]
    private var at = 0
    private var result: [UInt8] = []
    /// Whether the text ends before a private key does that it has begun.
    private(set) var endsInKey = false

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// Whether nothing is left of the text.
    var isAtEnd: Bool { at >= text.count }

    mutating func run() -> [UInt8] {
        result.reserveCapacity(text.count)
        while at < text.count {
            if skipUserOfURL() || skipPrivateKey() { continue }
            let word = nextWord()
            if word.isEmpty {
                result.append(text[at])
                at += 1
            } else {
                take(word)
            }
        }
        return result
    }

    // MARK: What a secret is written like

    /// Whether a value of that name is a secret, whatever separates the name's words.
    static func isSecretName(_ name: some BidirectionalCollection<UInt8>) -> Bool {
        endsOfNames.contains { end in
            var rest = end.count
            for byte in name.reversed() where byte != 0x2D && byte != 0x2E && byte != 0x5F {
                guard rest > 0 else { return true }
                rest -= 1
                guard end[rest] == ((0x41...0x5A).contains(byte) ? byte + 0x20 : byte) else { return false }
            }
            return rest == 0
        }
    }

    private static let endsOfNames = [
        "token", "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "secretkey",
        "privatekey",
        "clientkeydata", "signature", "credential", "codeverifier",
    ].map { Array($0.utf8) }

    /// How tokens begin, and how many characters they have at least: the Hub's, GitHub's, GitLab's, Amazon's for EKS, Google's,
    /// OpenAI's and Slack's.
    private static let beginnings: [(bytes: [UInt8], least: Int)] = [
        ("hf_", 11), ("api_org_", 16), ("ghp_", 20), ("gho_", 20), ("ghs_", 20), ("github_pat_", 30),
        ("glpat-", 20),
        ("k8s-aws-v1.", 30), ("ya29.", 20), ("sk-", 20), ("xoxb-", 20), ("xoxp-", 20),
    ].map { (Array($0.utf8), $1) }

    private static func isToken(_ word: ArraySlice<UInt8>) -> Bool {
        if beginnings.contains(where: { word.count >= $0.least && word.starts(with: $0.bytes) }) {
            return true
        }
        // A JSON object in base64 begins so.
        return word.starts(with: Array("eyJ".utf8)) && word.count >= 20 && word.contains(0x2E)
    }

    /// Whether it is no word of a language, no path and no address.
    private static func isUnlikeWords(_ value: ArraySlice<UInt8>) -> Bool {
        guard value.count >= 8, value.first != 0x2F, !value.contains(0x3A) else { return false }
        let hasDigit = value.contains { (0x30...0x39).contains($0) }
        let hasLetter = value.contains { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        return (hasDigit && hasLetter) || value.count >= 24 || value.last == 0x3D
    }

    // MARK: Steps

    /// Takes a word, and hides it or what it is the name of.
    private mutating func take(_ word: ArraySlice<UInt8>) {
        if Self.isToken(word) {
            hide(upTo: run(from: word.endIndex, while: { $0 == 0x3D }).endIndex)
            return
        }
        result += word
        at = word.endIndex
        let isScheme = [Array("bearer".utf8), Array("basic".utf8)].contains { name in
            name.count == word.count && zip(word, name).allSatisfy { $0 | 0x20 == $1 }
        }
        if isScheme {
            let value = run(from: run(from: at, while: Self.isSpace).endIndex, while: Self.isValue)
            if Self.isUnlikeWords(value) { hideValue(value) }
        } else if Self.isSecretName(word) {
            takeValue(of: word)
        }
    }

    /// Hides the value behind a secret's name, if there is one.
    private mutating func takeValue(of name: ArraySlice<UInt8>) {
        let nameQuote = run(from: at, while: Self.isQuote)
        let space = run(from: nameQuote.endIndex, while: Self.isSpace)
        guard let separator = byte(space.endIndex) else { return }
        guard separator == 0x3D || separator == 0x3A else {
            // As in `--password word`.
            let isFlag = name.starts(with: [0x2D, 0x2D]) && nameQuote.isEmpty && !space.isEmpty
            if isFlag, separator != 0x2D { hideValue(run(from: space.endIndex, while: Self.isValue)) }
            return
        }
        let start = run(from: space.endIndex + 1, while: Self.isSpace).endIndex
        let valueQuote = run(from: start, while: Self.isQuote)
        let isQuoted = !valueQuote.isEmpty
        let value = run(from: valueQuote.endIndex) {
            isQuoted ? !Self.isQuote($0) && $0 != 0x0A : Self.isValue($0)
        }
        let isCertain = separator == 0x3D || (isQuoted && !nameQuote.isEmpty)
        if !value.isEmpty, isCertain || Self.isUnlikeWords(value) { hideValue(value) }
    }

    /// Leaves out who asks in `https://user:password@host`.
    private mutating func skipUserOfURL() -> Bool {
        guard text[at...].starts(with: Array("://".utf8)) else { return false }
        let start = at + 3
        let authority = run(from: start) { Self.isValue($0) && $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        guard let end = authority.lastIndex(of: 0x40), end > start else { return false }
        hideValue(text[start..<end])
        return true
    }

    /// The word that begins here. A key may follow at once, as behind the `n` of a line feed in JSON.
    private func nextWord() -> ArraySlice<UInt8> {
        let word = run(from: at, while: Self.isWord)
        let key = word.indices.first { word[$0] == 0x2D && text[$0...].starts(with: Self.beginningOfKey) }
        return key.map { word[..<$0] } ?? word
    }

    private static let beginningOfKey = Array("-----BEGIN ".utf8)
    private static let endOfKey = Array("-----END ".utf8)

    /// Leaves out the rest of a private key that began before the text; returns whether it ends here.
    mutating func skipRestOfPrivateKey() -> Bool {
        let end = text[at...].indices.first { text[$0] == 0x2D && text[$0...].starts(with: Self.endOfKey) }
        guard let end else {
            at = text.count
            return false
        }
        let name = run(from: end + Self.endOfKey.count) { $0 != 0x2D && $0 != 0x0A }
        at = run(from: name.endIndex, while: { $0 == 0x2D }).endIndex
        return true
    }

    private mutating func skipPrivateKey() -> Bool {
        guard text[at...].starts(with: Self.beginningOfKey) else { return false }
        let kind = run(from: at + Self.beginningOfKey.count) { $0 != 0x2D && $0 != 0x0A }
        guard kind.ends(with: Array("PRIVATE KEY".utf8)) else { return false }
        result += Redaction.mark.utf8
        at = kind.endIndex
        endsInKey = !skipRestOfPrivateKey()
        return true
    }

    private mutating func hideValue(_ value: ArraySlice<UInt8>) {
        guard !value.isEmpty else { return }
        result += text[at..<value.startIndex]
        hide(upTo: value.endIndex)
    }

    private mutating func hide(upTo end: Int) {
        result += Redaction.mark.utf8
        at = end
    }

    // MARK: Bytes

    private func byte(_ index: Int) -> UInt8? {
        text.indices.contains(index) ? text[index] : nil
    }

    private func run(from start: Int, while isPart: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        guard start < text.count else { return text[text.endIndex...] }
        return text[start...].prefix(while: isPart)
    }

    /// Letters, digits and what joins them to a name.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x80...: true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// A quotation mark, or the backslash before one.
    private static func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 || byte == 0x5C }

    /// What may stand in a value without quotation marks.
    private static func isValue(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F: false
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "\\"), UInt8(ascii: ","):
            false
        case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"): false
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "}"): false
        case UInt8(ascii: "["), UInt8(ascii: "]"): false
        default: true
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with end: [UInt8]) -> Bool {
        count >= end.count && suffix(end.count).elementsEqual(end)
    }
}
