import JSON
import KubernetesModel

/// Compares pod templates and names what is made from them.
enum TemplateDigest {
    /// Ten digits or fewer in an alphabet that makes no words (apimachinery, rand.SafeEncodeString): the digest of a value,
    /// whatever the order of its members. `collisions` makes another digest of the same value.
    static func text(of value: JSONValue, collisions: Int64? = nil) -> String {
        var digest = FNV1a32()
        feed(normalized(value), &digest)
        if let collisions { digest.feed(String(collisions).utf8) }
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String(String(digest.value).utf8.map { alphabet[Int($0) % alphabet.count] })
    }

    /// Whether two pod templates ask for the same pods, the labels that controllers add aside.
    static func areEqual(
        _ left: JSONValue,
        _ right: JSONValue,
        besides labels: [String] = ["pod-template-hash"]
    )
        -> Bool
    {
        without(labels, left) == without(labels, right)
    }

    private static func without(_ labels: [String], _ template: JSONValue) -> JSONValue {
        var template = template
        for label in labels where template["metadata"]?["labels"]?[label] != nil {
            template[at: "metadata", "labels", label] = nil
        }
        return normalized(template)
    }

    /// The value without members that mean the same as none: null, and what is empty.
    static func normalized(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            var kept = JSONMembers()
            for member in members {
                let inner = normalized(member.value)
                let isEmpty =
                    inner.isNull || inner.arrayValue?.isEmpty == true || inner.objectValue?.isEmpty == true
                if !isEmpty { kept[member.key] = inner }
            }
            return .object(kept)
        case .array(let elements): return .array(elements.map(normalized))
        default: return value
        }
    }

    private static func feed(_ value: JSONValue, _ digest: inout FNV1a32) {
        switch value {
        case .object(let members):
            digest.feed("{".utf8)
            for member in members.sorted(by: { $0.key < $1.key }) {
                digest.feed(member.key.utf8)
                digest.feed(":".utf8)
                feed(member.value, &digest)
            }
            digest.feed("}".utf8)
        case .array(let elements):
            digest.feed("[".utf8)
            for element in elements { feed(element, &digest) }
            digest.feed("]".utf8)
        default: digest.feed(value.encoded())
        }
        digest.feed(",".utf8)
    }
}

/// The hash FNV-1a of 32 bits.
private struct FNV1a32 {
    var value: UInt32 = 0x811C_9DC5

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt32(byte)) &* 0x0100_0193 }
    }
}
