internal import JSON

extension String {
    /// The text as a JSON string on one line, cut when it is long: fit for a message whatever it holds.
    var quotedForMessage: String {
        let longest = 60
        let start = String(String.UnicodeScalarView(unicodeScalars.prefix(longest)))
        let isCut = unicodeScalars.dropFirst(longest).first != nil
        return JSONValue.string((isCut ? start + "…" : start).replacingControls).description
    }

    /// The text as it is where it reads as one word, else quoted.
    var plainOrQuotedForMessage: String {
        let isPlain =
            !isEmpty && utf8.count <= 60
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isPlain ? self : quotedForMessage
    }

    /// Whether the text has a control character or a separator of lines in it.
    var hasControls: Bool { unicodeScalars.contains(where: \.isControl) }

    /// The text with `�` for control characters and separators of lines, so that it stays on one line of a terminal.
    var replacingControls: String {
        guard hasControls else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }
}
