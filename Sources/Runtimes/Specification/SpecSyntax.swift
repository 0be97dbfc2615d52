internal import KubernetesModel

/// What the texts of a specification may be, so that none can break out of its place in a path, an object or a command line.
enum SpecSyntax {
    /// A name that becomes a DNS label and a label's value: RFC 1123 label names.
    static let nameRule =
        "lowercase letters, digits and hyphens, at most 63, with a letter or digit at both ends"

    static func isName(_ text: String) -> Bool {
        text.utf8.count <= 63 && !text.utf8.contains(0x2E) && NameSyntax.isSubdomain(text)
    }

    /// A model's id: `owner/name` as the Hub allows it, or a path below `local/`, or a single word.
    static let modelRule =
        "a model's id, such as Qwen/Qwen3-0.6B: letters, digits, - _ . and slashes between them"

    static func isModelID(_ text: String) -> Bool {
        isPath(text) && text.utf8.count <= 256
    }

    /// A path below some folder, without steps up.
    static func isPath(_ text: String) -> Bool {
        !text.isEmpty
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.utf8.first else { return false }
                return first != 0x2D && first != 0x2E && part.utf8.allSatisfy(isPathByte)
            }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || [0x2D, 0x2E, 0x5F, 0x3A, 0x2B].contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// An image reference: a name with a registry, a tag and a digest as it may be (distribution/reference, without its finer points).
    static let imageRule = "an image reference, such as vllm/vllm-openai:v0.11.0"

    static func isImage(_ text: String) -> Bool {
        guard (1...512).contains(text.utf8.count), let first = text.utf8.first, isAlphanumeric(first) else {
            return false
        }
        return text.utf8.allSatisfy { isPathByte($0) || $0 == 0x2F || $0 == 0x40 }
    }

    /// A name that an OpenAI client sends: printable, and nothing that shells or YAML could take for something else matters, since
    /// nothing here goes through either; control characters are refused all the same.
    static let servedNameRule = "a name of at most 256 printable characters"

    static func isServedName(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && isPrintable(text) && text.utf8.first != 0x2D
    }

    /// Without control characters.
    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value)
        }
    }

    /// An option's name without its dashes.
    static let optionRule = "an option's name: letters, digits, - _ and . behind a letter"

    static func isOption(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...128).contains(text.utf8.count) else { return false }
        return isAlphanumeric(first) && !(0x30...0x39).contains(first)
            && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// An environment variable's name, as Kubernetes has allowed it in all versions.
    static let variableRule = "letters, digits and _, not beginning with a digit"

    static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...256).contains(text.utf8.count) else { return false }
        return !(0x30...0x39).contains(first) && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x5F }
    }

    /// An amount of a resource above nothing.
    static let quantityRule = "an amount such as 8, 500m or 64Gi"

    static func isQuantity(_ text: String) -> Bool {
        Quantity(text).map { $0 > .zero } ?? false
    }

    /// An absolute path without steps up.
    static func isAbsolutePath(_ text: String) -> Bool {
        text.utf8.first == 0x2F && text.utf8.count <= 4096 && isPrintable(text)
            && !text.split(separator: "/").contains("..") && !text.utf8.contains(0x3A)
    }
}
