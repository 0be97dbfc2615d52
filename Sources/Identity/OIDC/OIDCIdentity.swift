public import HTTPClient
internal import JSON

/// Knows users by the tokens of an OpenID Connect issuer.
public final class OIDCIdentity: Sendable {
    private let settings: OIDCSettings
    private let keys: IssuerKeys
    private let time: @Sendable () -> Double
    private let users = RecentAnswers<TokenDigest, OIDCUser, IdentityFailure>(capacity: 4096, questions: 256)

    /// Users of an issuer.
    public convenience init(_ settings: OIDCSettings, http: HTTPClient) {
        let documents = IssuerDocuments(issuer: settings.issuer, http: http)
        self.init(
            settings,
            keys: IssuerKeys { () throws(IdentityFailure) in try await documents.keys() },
            time: { Timestamp.now().seconds(since: Timestamp(secondsSinceEpoch: 0)) }
        )
    }

    init(_ settings: OIDCSettings, keys: IssuerKeys, time: @escaping @Sendable () -> Double) {
        self.settings = settings
        self.keys = keys
        self.time = time
    }

    /// For how long at most a token that was checked is taken without another check.
    public var cacheDuration: Duration { settings.cacheDuration }

    /// Whose a token is; nil when that is not known.
    public func known(_ token: TokenDigest, at now: ContinuousClock.Instant = .now) -> OIDCUser? {
        users.known(token, at: now)
    }

    /// Whose a token is.
    public func user(_ token: BearerToken) async throws(IdentityFailure) -> OIDCUser {
        let overload = IdentityFailure.unavailable(
            "too many tokens are being checked; try again in a second"
        )
        return try await users.answer(token.digest, overload: overload) {
            [self] () throws(IdentityFailure) in
            let user = try await check(token)
            // A token may be said to end when no clock will ever be.
            let rest = Duration.seconds(min(max(0, user.end - time()), 86_400))
            return (user, min(settings.cacheDuration, rest))
        }
    }

    private func check(_ token: BearerToken) async throws(IdentityFailure) -> OIDCUser {
        let token = try JSONWebToken(token.text)
        guard ["RS256", "ES256"].contains(token.algorithm) else {
            throw .invalidToken("the token is signed in another way than RS256 and ES256")
        }
        // Before the keys are asked for, so that tokens of other issuers cause no request.
        _ = try OIDCUser(token.claims, settings, now: time())
        let candidates = try await keys.keys(named: token.keyID)
        let isGenuine = candidates.contains { key in
            key.algorithm == token.algorithm && key.verifies(token.signature, of: token.signed)
        }
        guard isGenuine else { throw .invalidToken("the token is not signed with a key of its issuer") }
        return try OIDCUser(token.claims, settings, now: time())
    }
}
