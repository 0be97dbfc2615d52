internal import Redaction

/// A key with the value that counts for it.
public struct EffectiveValue: Sendable, Hashable {
    /// The path of the key, such as `server.limits.headTimeout`.
    public let key: String
    /// The value as a configuration file would have it; `(hidden)` for secrets.
    public let value: String
    /// Where it comes from.
    public let source: ConfigurationSource
    /// Whether a change takes effect when a running server gets SIGHUP.
    public let isLive: Bool
}

extension ServeConfiguration {
    /// Reads flags, environment and configuration file and puts them over the defaults, in this order of precedence.
    /// Every source is checked in full, also where a stronger one hides it.
    ///
    /// - Parameter environment: the variables of the process.
    /// - Throws: everything that is wrong.
    @concurrent
    public static func load(
        _ overrides: CommandLineOverrides,
        environment: [String: String]
    ) async throws(ConfigurationFailure) -> ServeConfiguration {
        try ServeConfiguration(checkedLayers(overrides, environment).reading)
    }

    /// Every key in the order of the reference, with the value that counts and where it comes from.
    ///
    /// - Throws: everything that is wrong, as ``load(_:environment:)`` does.
    @concurrent
    public static func explain(
        _ overrides: CommandLineOverrides,
        environment: [String: String]
    ) async throws(ConfigurationFailure) -> [EffectiveValue] {
        let layers = try checkedLayers(overrides, environment)
        return ConfigurationKey.all.compactMap { key in
            layers.entry(key).map { entry in
                EffectiveValue(
                    key: key.path,
                    // The URL of a proxy may have a password.
                    value: key.isSecret ? Redaction.mark : Redaction().shown(entry.value.description),
                    source: entry.source,
                    isLive: key.isLive
                )
            }
        }
    }

    /// Everything that is wrong with a configuration file of those bytes. Pure, and defined for all bytes.
    ///
    /// - Parameter name: the path by which the problems call the file.
    public static func validate(fileBytes: [UInt8], name: String) -> [ConfigurationProblem] {
        ConfigurationLayers(fileBytes: fileBytes, name: name).problems
    }

    private static func checkedLayers(
        _ overrides: CommandLineOverrides,
        _ environment: [String: String]
    ) throws(ConfigurationFailure) -> ConfigurationLayers {
        let layers = ConfigurationLayers(overrides, environment: environment)
        let problems = layers.problems + layers.dataDirectoryProblems
        guard problems.isEmpty else { throw ConfigurationFailure(problems: problems) }
        return layers
    }
}
