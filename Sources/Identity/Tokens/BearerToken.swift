/// The token in an `Authorization` field (RFC 6750 §2.1). It shows itself in no description.
public struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// The token.
    let text: String

    /// The token of a field's value; nil where the scheme is another, or there is no token in the form of RFC 6750's `b64token`.
    public init?(authorization field: String) {
        let scheme = "bearer "
        guard field.utf8.count > scheme.utf8.count,
            zip(field.utf8, scheme.utf8).allSatisfy({ $0 | 0x20 == $1 })
        else { return nil }
        let rest = field.utf8.dropFirst(scheme.utf8.count).drop { $0 == 0x20 }
        self.init(Substring(rest))
    }

    /// A token; nil for what cannot be one.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        let isLegal = text.withUTF8 { bytes in !bytes.isEmpty && bytes.allSatisfy(Self.isLegal) }
        guard isLegal else { return nil }
        self.text = text
    }

    private static func isLegal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        // - . _ ~ + / and the = of padding.
        case 0x2D, 0x2E, 0x5F, 0x7E, 0x2B, 0x2F, 0x3D: true
        default: false
        }
    }

    /// Its hash.
    public var digest: TokenDigest { TokenDigest(text.utf8) }

    /// That it is a token.
    public var description: String { "BearerToken(hidden)" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
