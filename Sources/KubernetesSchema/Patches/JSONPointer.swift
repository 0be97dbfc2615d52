/// A place in a JSON document (RFC 6901).
struct JSONPointer: Hashable, CustomStringConvertible {
    /// The keys and indices on the way, unescaped.
    let tokens: [String]

    init(tokens: [String]) {
        self.tokens = tokens
    }

    /// Reads the text form, empty or beginning with `/`.
    init(_ text: String) throws(PatchError) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == 0x2F else {
            throw .malformed("invalid JSON pointer \"\(text)\": it must begin with '/'")
        }
        var tokens: [String] = []
        for token in text.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
            guard let unescaped = Self.unescaped(token) else {
                throw .malformed("invalid JSON pointer \"\(text)\": '~' must be followed by 0 or 1")
            }
            tokens.append(unescaped)
        }
        self.tokens = tokens
    }

    private static func unescaped(_ token: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in token {
            if isEscaped {
                guard byte == 0x30 || byte == 0x31 else { return nil }
                bytes.append(byte == 0x30 ? 0x7E : 0x2F)
                isEscaped = false
            } else if byte == 0x7E {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return isEscaped ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether this place lies inside of `other`.
    func isInside(_ other: JSONPointer) -> Bool {
        tokens.count > other.tokens.count && tokens.starts(with: other.tokens)
    }

    var description: String {
        tokens.map { token in
            var text = "/"
            for character in token {
                switch character {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.append(character)
                }
            }
            return text
        }.joined()
    }

    /// The index that a token stands for: digits without a leading zero (RFC 6901, section 4). Nil for anything else.
    static func index(_ token: String) -> Int? {
        guard
            token == "0" || (token.utf8.first != 0x30 && token.utf8.allSatisfy { (0x30...0x39).contains($0) })
        else { return nil }
        return Int(token)
    }
}
