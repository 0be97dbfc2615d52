internal import JSON

extension ServeConfiguration {
    /// Who may call the API.
    public struct Auth: Sendable, Equatable {
        /// How callers prove who they are.
        public enum Mode: String, Sendable, CaseIterable {
            /// They need not: everybody may do everything.
            case none
            /// By a token that the cluster knows.
            case tokenReview = "token-review"
            /// By a token of an OpenID Connect issuer.
            case oidc
        }

        /// An OpenID Connect issuer and what its tokens mean.
        public struct OIDC: Sendable, Equatable {
            /// The issuer; empty where there is none.
            public var issuer: String
            /// The claim that names the user.
            public var usernameClaim: String
            /// The claim that lists the user's groups.
            public var groupsClaim: String
            /// By how much the issuer's clock may differ.
            public var clockSkew: Duration
            /// The groups that have each role.
            public var roles: Roles
        }

        /// The groups whose users have a role; `*` for every user.
        public struct Roles: Sendable, Equatable {
            /// Those who may read.
            public var viewer: [String] = []
            /// Those who may also deploy.
            public var `operator`: [String] = []
            /// Those who may also install and configure.
            public var admin: [String] = []
        }

        /// How callers prove who they are.
        public var mode: Mode
        /// Whom tokens must be for.
        public var audiences: [String]
        /// How long an answer about a token or a permission holds.
        public var cacheDuration: Duration
        /// The issuer of the mode `oidc`.
        public var oidc: OIDC
    }

    /// How the audit log is kept.
    public struct Audit: Sendable, Equatable {
        /// Bytes from which it goes on in another file.
        public var fileSize: Int
        /// How many files are kept.
        public var files: Int
    }
}

extension ServeConfiguration.Auth {
    init(_ values: ConfigurationReading) throws(ConfigurationFailure) {
        mode = try values.choice(.authMode, Mode(rawValue: values.text(.authMode)))
        audiences = try values.list(.authAudiences)
        cacheDuration = try values.duration(.authCacheDuration)
        oidc = OIDC(
            issuer: try values.text(.oidcIssuer),
            usernameClaim: try values.text(.oidcUsernameClaim),
            groupsClaim: try values.text(.oidcGroupsClaim),
            clockSkew: try values.duration(.oidcClockSkew),
            roles: try values.structure(.oidcRoles, Roles.read)
        )
    }
}

extension ServeConfiguration.Audit {
    init(_ values: ConfigurationReading) throws(ConfigurationFailure) {
        fileSize = try values.number(.auditFileSize)
        files = try values.number(.auditFiles)
    }
}

extension ServeConfiguration.Auth.Roles {
    /// Reads the value of `auth.oidc.roles`.
    static func read(_ value: JSONValue, expectation: String) throws(ValueRefusal) -> Self {
        var reading = StructureReading()
        let members = reading.members(value, "", keys: ["viewer", "operator", "admin"])
        let roles = Self(
            viewer: reading.texts(members["viewer"], ".viewer"),
            operator: reading.texts(members["operator"], ".operator"),
            admin: reading.texts(members["admin"], ".admin")
        )
        return try reading.result(roles)
    }
}
