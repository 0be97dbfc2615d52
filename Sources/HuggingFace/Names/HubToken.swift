internal import Crypto

/// A user's access token for the Hub. It shows itself in no description, dump or error: only the `Authorization` field of a
/// request to the Hub has its text.
public struct HubToken: Sendable, Hashable {
    /// What goes into the `Authorization` field.
    let authorization: String
    /// What tells tokens apart without giving them away: the SHA-256 hash.
    let identity: TokenIdentity

    /// The most bytes that a token has. Those of the Hub have fewer than 200.
    private static let longest = 4096

    /// A token; nil when the text cannot stand in a header field: it is empty, too long, or has other bytes than visible ASCII.
    public init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        authorization = "Bearer \(text)"
        identity = TokenIdentity(token: text)
    }

    /// The token in an `Authorization` field that may as well hold a token of something else, as a cluster's; nil unless it is a
    /// bearer token (RFC 6750 §2.1) of the Hub, by its beginning: `hf_` for users' and OAuth tokens, `api_org_` for organisations'
    /// old ones.
    public init?(authorization: String) {
        let scheme = "bearer "
        guard authorization.utf8.count > scheme.utf8.count,
            authorization.prefix(scheme.count).lowercased() == scheme
        else { return nil }
        let text = String(authorization.dropFirst(scheme.count).drop { $0 == " " })
        guard text.hasPrefix("hf_") || text.hasPrefix("api_org_") else { return nil }
        self.init(text)
    }

    /// The token itself, to be given to its owner or to be kept where secrets are. It must go nowhere else.
    public func revealed() -> String { String(authorization.dropFirst("Bearer ".count)) }
}

extension HubToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That it is a token.
    public var description: String { "HubToken(hidden)" }
    /// That it is a token.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The hash of a token, by which caches keep apart what different users may see.
struct TokenIdentity: Sendable, Hashable {
    private let digest: [UInt8]

    init(token: String) {
        digest = Array(SHA256.hash(data: Array(token.utf8)))
    }
}
