/// Where a value of the configuration comes from.
public enum ConfigurationSource: Sendable, Hashable {
    /// A flag on the command line, such as `--port`.
    case flag(String)
    /// An environment variable.
    case environment(String)
    /// A configuration file, by the path that was given for it.
    case file(String)
    /// The default.
    case standard
}

extension ConfigurationSource: CustomStringConvertible {
    /// The source in words, on one line.
    public var description: String {
        switch self {
        case .flag(let flag): "flag \(flag)"
        case .environment(let name): "environment variable \(name.replacingControls)"
        case .file(let path): "file \(path.replacingControls)"
        case .standard: "default"
        }
    }
}

/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Sendable, Hashable {
    /// Where the wrong thing is.
    public let source: ConfigurationSource
    /// The path of the key that it is about, such as `server.limits.headTimeout`; nil when it is about the whole source.
    public let key: String?
    /// What is wrong, in words.
    public let message: String
    /// Whether the command line has the wrong form. A flag's value that is well formed and yet cannot be had, such as an
    /// address that the server must not listen on, does not count.
    public let isUsageError: Bool

    init(source: ConfigurationSource, key: String?, message: String, isWellFormed: Bool = false) {
        self.source = source
        self.key = key
        self.message = message
        isUsageError = if case .flag = source { !isWellFormed } else { false }
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// Source, key and message in one line.
    public var description: String {
        if let key { "\(source): \(key): \(message)" } else { "\(source): \(message)" }
    }
}

/// A configuration that cannot be used, with everything that is wrong with it.
public struct ConfigurationFailure: Error, Sendable, Hashable {
    /// What is wrong; at least one thing.
    public let problems: [ConfigurationProblem]

    /// Whether nothing but the form of flags is wrong: exit status 64 (`EX_USAGE`) rather than 78 (`EX_CONFIG`).
    public var isUsageError: Bool { problems.allSatisfy(\.isUsageError) }
}

extension ConfigurationFailure: CustomStringConvertible {
    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
