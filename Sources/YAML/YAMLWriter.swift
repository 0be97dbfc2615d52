public import JSON

extension JSONValue {
    /// The value as one YAML document in block style, with a line feed at its end. Sequences in mappings are not indented, as
    /// `kubectl` writes them. What is a string here is read back as a string, also by readers of YAML 1.1.
    public var yaml: String {
        var writer = YAMLWriter()
        writer.writeDocument(self)
        return writer.text
    }
}

/// Writes YAML text.
struct YAMLWriter {
    private(set) var text = ""

    mutating func writeDocument(_ value: JSONValue) {
        switch value {
        case .object(let members) where !members.isEmpty: write(members, indent: 0, startsLine: true)
        case .array(let elements) where !elements.isEmpty: write(elements, indent: 0)
        default:
            writeScalar(value, indent: 0)
            text += "\n"
        }
    }

    /// Writes a mapping. Its first entry goes behind the `- ` of an element unless it starts a line.
    private mutating func write(_ members: JSONMembers, indent: Int, startsLine: Bool) {
        var needsIndent = startsLine
        for member in members {
            if needsIndent { writeIndent(indent) }
            needsIndent = true
            text += PlainScalar.isSafe(member.key) ? member.key : doubleQuoted(member.key)
            text += ":"
            switch member.value {
            case .object(let inner) where !inner.isEmpty:
                text += "\n"
                write(inner, indent: indent + 2, startsLine: true)
            case .array(let elements) where !elements.isEmpty:
                text += "\n"
                write(elements, indent: indent)
            default:
                text += " "
                writeScalar(member.value, indent: indent + 2)
                text += "\n"
            }
        }
    }

    /// Writes a sequence. The first element of a sequence in a sequence goes behind the outer one's `- `.
    private mutating func write(_ elements: [JSONValue], indent: Int, startsLine: Bool = true) {
        var needsIndent = startsLine
        for element in elements {
            if needsIndent { writeIndent(indent) }
            needsIndent = true
            text += "- "
            switch element {
            case .object(let members) where !members.isEmpty:
                write(members, indent: indent + 2, startsLine: false)
            case .array(let inner) where !inner.isEmpty:
                write(inner, indent: indent + 2, startsLine: false)
            default:
                writeScalar(element, indent: indent + 2)
                text += "\n"
            }
        }
    }

    private mutating func writeScalar(_ value: JSONValue, indent: Int) {
        switch value {
        case .string(let string):
            if PlainScalar.isSafe(string) {
                text += string
            } else if indent > 0, BlockScalar.isSuitable(string) {
                writeBlock(string, indent: indent)
            } else {
                text += doubleQuoted(string)
            }
        default: text += value.description
        }
    }

    /// Writes a literal block (YAML 1.2.2, chapter 8.1.2) without its last line feed.
    private mutating func writeBlock(_ string: String, indent: Int) {
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true {
            lines.removeLast()
            text += lines.last?.isEmpty == true ? "|+" : "|"
        } else {
            text += "|-"
        }
        for line in lines {
            text += "\n"
            if !line.isEmpty {
                writeIndent(indent)
                text += line
            }
        }
    }

    private mutating func writeIndent(_ indent: Int) {
        text += String(repeating: " ", count: indent)
    }

    /// A JSON string is a double-quoted scalar too, except for characters that are not printable in YAML.
    private func doubleQuoted(_ string: String) -> String {
        var quoted = ""
        for scalar in JSONValue.string(string).description.unicodeScalars {
            if BlockScalar.isPrintable(scalar) {
                quoted.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
            }
        }
        return quoted
    }
}
