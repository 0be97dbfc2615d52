public import JSON

/// What was built, from which sources, when.
public struct BuildInformation: Sendable, Hashable {
    /// The version of the program.
    public var version: String
    /// The commit of the sources.
    public var gitCommit: String
    /// When the program was built.
    public var buildTime: Timestamp

    /// Information about a build.
    public init(version: String, gitCommit: String, buildTime: Timestamp) {
        self.version = version
        self.gitCommit = gitCommit
        self.buildTime = buildTime
    }

    /// Registers `ingot_build_info`, which is always 1 and carries the version and the commit as labels.
    public func register(in registry: PrometheusRegistry) {
        registry.registerGauge(
            "ingot_build_info",
            help: "What was built; always 1.",
            labels: [("version", version), ("commit", gitCommit)]
        ) { 1 }
    }
}
