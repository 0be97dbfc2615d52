internal import Configuration
internal import Redaction

/// What one source says: the values that passed the checks, and everything that did not.
struct ConfigurationLayer {
    /// A checked value and where exactly it stands.
    struct Entry {
        let value: ConfigurationValue
        let source: ConfigurationSource
    }

    /// The checked values by the paths of their keys.
    private(set) var entries: [String: Entry] = [:]
    /// What is wrong.
    var problems: [ConfigurationProblem] = []

    /// Keeps the value that `read` gives for `key`, or the problem.
    mutating func add(
        _ key: ConfigurationKey,
        from source: ConfigurationSource,
        read: (ConfigurationKind) throws(ValueRefusal) -> ConfigurationValue
    ) {
        do {
            entries[key.path] = Entry(value: try read(key.kind), source: source)
        } catch {
            for refusal in [error] + error.further {
                let found = key.isSecret ? "a value that is not shown" : Redaction().shown(refusal.found)
                refuse(key.path + refusal.place, "found \(found), expected \(refusal.expected)", from: source)
            }
        }
    }

    /// Keeps a problem.
    mutating func refuse(_ key: String?, _ message: String, from source: ConfigurationSource) {
        problems.append(ConfigurationProblem(source: source, key: key, message: message))
    }

    /// The values for a `ConfigReader`.
    func provider(name: String) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: entries.reduce(into: [:]) { values, entry in
                let key = ConfigurationKey.key(entry.key)
                values[AbsoluteConfigKey(ConfigKey(entry.key))] = ConfigValue(
                    entry.value.value.content,
                    isSecret: key?.isSecret ?? true
                )
            }
        )
    }

    /// The defaults.
    static var standard: ConfigurationLayer {
        var layer = ConfigurationLayer()
        for key in ConfigurationKey.all {
            layer.entries[key.path] = Entry(value: key.defaultValue, source: .standard)
        }
        return layer
    }

    /// What the flags say.
    static func flags(_ overrides: CommandLineOverrides) -> ConfigurationLayer {
        var layer = ConfigurationLayer()
        for (key, text) in overrides.values {
            layer.add(key, from: .flag(key.flag ?? key.path)) { kind throws(ValueRefusal) in
                try kind.read(text)
            }
        }
        return layer
    }
}
