internal import JSON

/// Who a token of an issuer belongs to.
public struct OIDCUser: Sendable, Hashable {
    /// The user's name.
    public let name: String
    /// The user's groups.
    public let groups: [String]
    /// What the user may do; nil for nothing.
    public let role: Role?
    /// When the token ends, seconds since 1970.
    let end: Double
}

extension OIDCUser {
    /// The user of a token whose signature has been checked.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Throws: `invalidToken` where a claim does not allow the token here and now (RFC 7519 §4.1, OpenID Connect Core §3.1.3.7).
    init(_ claims: JSONValue, _ settings: OIDCSettings, now: Double) throws(IdentityFailure) {
        guard claims["iss"]?.stringValue == settings.issuer else {
            throw .invalidToken("the token is of another issuer")
        }
        let audiences =
            claims["aud"]?.stringValue.map { [$0] }
            ?? (claims["aud"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard audiences.contains(where: settings.audiences.contains) else {
            throw .invalidToken("the token is for another audience")
        }
        let skew = settings.clockSkew / .seconds(1)
        guard let end = claims["exp"]?.doubleValue else { throw .invalidToken("the token has no end") }
        guard now < end + skew else { throw .invalidToken("the token has expired") }
        for claim in ["nbf", "iat"] {
            guard let value = claims[claim] else { continue }
            guard let start = value.doubleValue, start <= now + skew else {
                throw .invalidToken("the token is not valid yet")
            }
        }
        guard let name = claims[settings.usernameClaim]?.stringValue, Self.isName(name) else {
            throw .invalidToken("the token does not name its user in the claim \(settings.usernameClaim)")
        }
        // OpenID Connect Core §5.7: an address that its owner has not confirmed may be anybody's.
        if settings.usernameClaim == "email", claims["email_verified"]?.boolValue == false {
            throw .invalidToken("the user's email address is not verified")
        }
        let listed = claims[settings.groupsClaim]
        groups = listed?.stringValue.map { [$0] } ?? (listed?.arrayValue ?? []).compactMap(\.stringValue)
        self.name = name
        self.end = end + skew
        role = settings.role(of: groups)
    }

    /// A name that can stand in a log.
    private static func isName(_ text: String) -> Bool {
        (1...1024).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
