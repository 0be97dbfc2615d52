public import JSON

/// Which build of the server this is: the answer of `GET /api/health/version`.
public struct BuildIdentity: JSONObject {
    /// The version, with a leading `v`.
    public let version: String
    /// When the executable was built.
    public let buildTime: Timestamp
    /// The short id of the commit that it was built from, or `unknown`.
    public let gitCommit: String

    /// A build.
    public init(version: String, buildTime: Timestamp, gitCommit: String) {
        self.version = version
        self.buildTime = buildTime
        self.gitCommit = gitCommit
    }

    public static let schemaName = "Version"
    public static let fields: [JSONField<BuildIdentity>] = [
        .init("version", "The version", example: "v0.1.0") { $0.version },
        .init("buildTime", "When it was built", example: "2026-01-15T10:00:00.000Z") { $0.buildTime },
        .init("gitCommit", "The commit that it was built from", example: "abc1234") { $0.gitCommit },
    ]
}
