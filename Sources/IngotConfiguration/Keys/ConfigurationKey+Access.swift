internal import JSON

extension ConfigurationKey {
    static let authMode = ConfigurationKey(
        "auth.mode",
        .choice(ServeConfiguration.Auth.Mode.allCases.map(\.rawValue)),
        default: .text("none"),
        "How callers prove who they are: `none` lets everybody do everything and allows a loopback `host` only, `token-review` has "
            + "the cluster say whose a token is and what its user may do, `oidc` takes tokens of an OpenID Connect issuer; see "
            + "`Docs/access.md`"
    )
    static let authAudiences = ConfigurationKey(
        "auth.audiences",
        .texts,
        default: .list([]),
        "Whom tokens must be for, one of these; with `token-review` and none given, the API server. `oidc` needs one"
    )
    static let authCacheDuration = ConfigurationKey(
        "auth.cacheDuration",
        .duration(milliseconds: 0...300_000),
        default: .duration(milliseconds: 10_000),
        "How long an answer about a token or a permission holds, and so how long one that was taken away goes on to work"
    )
    static let oidcIssuer = ConfigurationKey(
        "auth.oidc.issuer",
        .text,
        default: .text(""),
        "The issuer, exactly as its tokens and its configuration name it; an `https` URL, or one of this machine"
    )
    static let oidcUsernameClaim = ConfigurationKey(
        "auth.oidc.usernameClaim",
        .text,
        default: .text("sub"),
        "The claim that names the user"
    )
    static let oidcGroupsClaim = ConfigurationKey(
        "auth.oidc.groupsClaim",
        .text,
        default: .text("groups"),
        "The claim that lists the user's groups"
    )
    static let oidcClockSkew = ConfigurationKey(
        "auth.oidc.clockSkew",
        .duration(milliseconds: 0...300_000),
        default: .duration(milliseconds: 30_000),
        "By how much the issuer's clock may differ from this machine's"
    )
    static let oidcRoles = ConfigurationKey(
        "auth.oidc.roles",
        .roles,
        default: .structure([:]),
        "The groups whose users have the roles `viewer`, `operator` and `admin`, as in `{\"admin\": [\"platform\"], "
            + "\"viewer\": [\"*\"]}`; `*` stands for every user of the issuer. Who has no role may do nothing"
    )
    static let auditFileSize = ConfigurationKey(
        "audit.fileSize",
        .size((64 * 1024)...(1 << 30)),
        default: .size(16 << 20),
        "The size from which the audit log goes on in another file"
    )
    static let auditFiles = ConfigurationKey(
        "audit.files",
        .integer(2...10_000),
        default: .integer(50),
        "How many files of the audit log are kept; the oldest goes when there would be more"
    )

    /// The keys of `auth` and `audit`.
    static let access: [ConfigurationKey] = [
        authMode, authAudiences, authCacheDuration, oidcIssuer, oidcUsernameClaim, oidcGroupsClaim,
        oidcClockSkew, oidcRoles, auditFileSize, auditFiles,
    ]
}
