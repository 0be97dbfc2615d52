/// Which tokens of an OpenID Connect issuer are taken, and what they say of their users.
public struct OIDCSettings: Sendable, Hashable {
    /// The issuer, exactly as it calls itself.
    public var issuer: String
    /// Whom tokens must be for, one of them; never empty.
    public var audiences: [String]
    /// The claim that names the user.
    public var usernameClaim = "sub"
    /// The claim that lists the user's groups.
    public var groupsClaim = "groups"
    /// The groups whose users have a role; `*` for all users.
    public var roles: [Role: [String]]
    /// By how much the issuer's clock may differ from ours.
    public var clockSkew: Duration = .seconds(30)
    /// For how long at most a token that was checked is taken without another check.
    public var cacheDuration: Duration = .seconds(10)

    /// Settings with the usual claims.
    public init(issuer: String, audiences: [String], roles: [Role: [String]]) {
        self.issuer = issuer
        self.audiences = audiences
        self.roles = roles
    }

    /// The greatest role of somebody in these groups; nil for none.
    func role(of groups: [String]) -> Role? {
        roles.filter { entry in entry.value.contains { $0 == "*" || groups.contains($0) } }.keys.max()
    }
}
