/// What names, label keys and label values may be (Kubernetes: Object Names and IDs; Labels and Selectors).
public enum NameSyntax {
    /// RFC 1123 §2.1 as Kubernetes applies it, at most 253 characters.
    public static func isSubdomain(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.utf8.first, let last = part.utf8.last else { return false }
                return part.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == 0x2D }
                    && isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
            }
    }

    /// A label's value, or the name in its key: at most 63 characters; the empty text is a value.
    public static func isLabelValue(_ value: String) -> Bool {
        guard let first = value.utf8.first, let last = value.utf8.last else { return true }
        return value.utf8.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && value.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }

    /// The key of a label, an annotation or a taint: a name, and before it a domain and `/` where it has one.
    public static func isQualifiedName(_ key: String) -> Bool {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, parts.count <= 2, isLabelValue(String(name)) else {
            return false
        }
        return parts.count == 1 || isSubdomain(String(parts[0]))
    }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || (0x41...0x5A).contains(byte)
    }
}
