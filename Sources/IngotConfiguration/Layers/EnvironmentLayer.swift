extension ConfigurationLayer {
    /// The environment variable that names the configuration file.
    static let configurationFileVariable = "INGOT_CONFIG"

    /// Variables that begin like ours but speak to the project's tools or to the commands that ask a server, not to the server.
    private static let toolVariables: Set<String> = [
        configurationFileVariable, "INGOT_EXECUTABLE", "INGOT_GIT_COMMIT", "INGOT_BUILD_TIME", "INGOT_FUZZ",
        "INGOT_SERVER", "INGOT_TOKEN",
    ]

    /// What the `INGOT_` variables say.
    static func environment(_ environment: [String: String]) -> ConfigurationLayer {
        var layer = ConfigurationLayer()
        let keys = Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.environmentVariable, $0) })
        let ours = environment.filter { name, text in
            name.hasPrefix("INGOT_") && !toolVariables.contains(name) && !ServiceLink.sets(name, text)
        }
        for (name, text) in ours.sorted(by: { $0.key < $1.key }) {
            if let key = keys[name] {
                layer.add(key, from: .environment(name)) { kind throws(ValueRefusal) in try kind.read(text) }
            } else {
                let names = ConfigurationKey.all.map(\.environmentVariable) + [configurationFileVariable]
                layer.refuse(
                    nil,
                    Suggestion.text(for: name, kind: "variable", among: names),
                    from: .environment(name)
                )
            }
        }
        return layer
    }

    /// What customary variables say: `PORT`, which hosting services set, and those of other tools. They are not ours, so they are
    /// not even looked at where a flag or a variable of ours, as `INGOT_PORT`, says what to use.
    static func customaryEnvironment(
        _ environment: [String: String],
        below layers: [ConfigurationLayer]
    ) -> ConfigurationLayer {
        var layer = ConfigurationLayer()
        for key in ConfigurationKey.all {
            guard let variable = key.customaryVariable, let text = environment[variable], !text.isEmpty,
                layers.allSatisfy({ !$0.mentions(key) })
            else { continue }
            layer.add(key, from: .environment(variable)) { kind throws(ValueRefusal) in try kind.read(text) }
        }
        return layer
    }

    /// Whether the source says anything about the key, right or wrong.
    private func mentions(_ key: ConfigurationKey) -> Bool {
        entries[key.path] != nil || problems.contains { $0.key == key.path }
    }
}
