internal import Configuration
internal import SmallFiles

/// All sources together, the strongest first.
struct ConfigurationLayers {
    private var layers: [(name: String, layer: ConfigurationLayer)]
    /// A data directory to use where none is configured.
    private let standardDataDirectory: String?

    /// The sources of a start of the server; reads the configuration file, if one is named.
    init(_ overrides: CommandLineOverrides, environment: [String: String]) {
        let flags = ConfigurationLayer.flags(overrides)
        let variables = ConfigurationLayer.environment(environment)
        let customary = ConfigurationLayer.customaryEnvironment(environment, below: [flags, variables])
        layers = [
            ("flags", flags), ("environment", variables), ("customary environment", customary),
            ("file", Self.file(overrides, environment)), ("defaults", .standard),
        ]
        standardDataDirectory = Self.standardDataDirectory(environment)
    }

    /// A configuration file over the defaults.
    init(fileBytes: [UInt8], name: String) {
        layers = [("file", .file(fileBytes, name: name)), ("defaults", .standard)]
        standardDataDirectory = nil
    }

    /// The value that counts for a key.
    func entry(_ key: ConfigurationKey) -> ConfigurationLayer.Entry? {
        let entry = layers.lazy.compactMap { $0.layer.entries[key.path] }.first
        if key == .dataDirectory, entry?.value == .text(""), let standardDataDirectory {
            return ConfigurationLayer.Entry(value: .text(standardDataDirectory), source: .standard)
        }
        return entry
    }

    /// What is wrong with the sources, each by itself, and with the values that count, taken together.
    var problems: [ConfigurationProblem] {
        layers.flatMap(\.layer.problems) + accessProblems + credentialsProblems
    }

    /// The values that count, for typed reading.
    var reading: ConfigurationReading {
        var resolved = ConfigurationLayer()
        if let entry = entry(.dataDirectory) {
            resolved.add(.dataDirectory, from: entry.source) { _ in entry.value }
        }
        let all = [("data directory", resolved)] + layers.map { ($0.name, $0.layer) }
        return ConfigurationReading(reader: ConfigReader(providers: all.map { $1.provider(name: $0) }))
    }

    private static func file(
        _ overrides: CommandLineOverrides,
        _ environment: [String: String]
    ) -> ConfigurationLayer {
        var layer = ConfigurationLayer()
        let variable = ConfigurationLayer.configurationFileVariable
        let path: String
        let origin: String
        if let flag = overrides.config {
            (path, origin) = (flag, "--config")
        } else if let text = environment[variable], !text.isEmpty {
            (path, origin) = (text, variable)
        } else {
            return layer
        }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            layer.refuse(
                nil,
                "found \(path.quotedForMessage), expected the path of a configuration file",
                from: overrides.config == nil ? .environment(variable) : .flag("--config")
            )
            return layer
        }
        do {
            return .file(try SmallFile.read(path, limit: largestFile), name: path)
        } catch {
            layer.refuse(nil, "cannot be read: \(error) (named by \(origin))", from: .file(path))
            return layer
        }
    }

    /// Larger files are refused: a configuration is a few kilobytes.
    private static let largestFile = 1 << 20

    /// Where data is kept by default, by the XDG Base Directory Specification, which also says to ignore a relative
    /// `XDG_DATA_HOME`.
    private static func standardDataDirectory(_ environment: [String: String]) -> String? {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return joined(data, "ingot") }
        if let home = environment["HOME"], !home.isEmpty { return joined(home, ".local/share/ingot") }
        return nil
    }

    private static func joined(_ directory: String, _ rest: String) -> String {
        directory.hasSuffix("/") ? directory + rest : directory + "/" + rest
    }
}

// MARK: Rules that tie keys together

extension ConfigurationLayers {
    private var credentialsProblems: [ConfigurationProblem] {
        guard let credentials = entry(.corsAllowCredentials), credentials.value == .boolean(true),
            case .list(let origins) = entry(.corsAllowedOrigins)?.value, origins.contains("*")
        else { return [] }
        let key = ConfigurationKey.corsAllowCredentials.path
        let message = """
            found true, expected false while \(ConfigurationKey.corsAllowedOrigins.path) has "*": pages of any origin \
            could act with a user's credentials; name the origins instead
            """
        return [ConfigurationProblem(source: credentials.source, key: key, message: message)]
    }

    /// The problem of having no place for data.
    var dataDirectoryProblems: [ConfigurationProblem] {
        guard entry(.dataDirectory)?.value == .text("") else { return [] }
        let message =
            "found nothing and neither XDG_DATA_HOME nor HOME is set, expected the path of a directory"
        return [
            ConfigurationProblem(
                source: .standard,
                key: ConfigurationKey.dataDirectory.path,
                message: message
            )
        ]
    }
}
