internal import Crypto
internal import JSON

/// The secret by which who exchanges an authorization code shows to be who asked for it (PKCE, RFC 7636). It shows itself in no
/// description or dump.
public struct CodeVerifier: Sendable, Hashable {
    let text: String

    /// How long one may be (RFC 7636 §4.1).
    public static let lengths = 43...128

    /// A verifier; nil unless it has 43 to 128 unreserved characters: letters, digits, `-`, `.`, `_` and `~` (RFC 7636 §4.1).
    public init?(_ text: String) {
        guard Self.lengths.contains(text.utf8.count),
            text.utf8.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
                default: false
                }
            })
        else { return nil }
        self.text = text
    }

    /// A new one, of 32 random bytes as RFC 7636 §4.1 recommends.
    public static func random() -> CodeVerifier {
        CodeVerifier(unchecked: randomText())
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// What goes to the authorization endpoint in its place: the method `S256` (RFC 7636 §4.2).
    public var challenge: String {
        Base64.urlText(of: Array(SHA256.hash(data: Array(text.utf8))))
    }

    /// 32 random bytes as text that can stand in a URL.
    public static func randomText() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Base64.urlText(of: bytes)
    }
}

extension CodeVerifier: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That it is a verifier.
    public var description: String { "CodeVerifier(hidden)" }
    /// That it is a verifier.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
