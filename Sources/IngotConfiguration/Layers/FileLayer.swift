internal import JSON

extension ConfigurationLayer {
    /// What a configuration file with those bytes says.
    ///
    /// - Parameter name: the path by which messages call the file.
    static func file(_ bytes: [UInt8], name: String) -> ConfigurationLayer {
        let source = ConfigurationSource.file(name)
        var layer = ConfigurationLayer()
        do {
            let value = try JSONValue(parsing: bytes)
            guard let members = value.objectValue else {
                layer.refuse(
                    nil,
                    "found \(value.foundDescription), expected a JSON object",
                    from: source
                )
                return layer
            }
            layer.read(members, in: [], from: source)
        } catch {
            layer.refuse(nil, error.description.replacingControls, from: source)
        }
        return layer
    }

    private mutating func read(_ members: JSONMembers, in section: [String], from source: ConfigurationSource)
    {
        for member in members {
            let components = section + [member.key]
            let path = components.joined(separator: ".")
            // A key with a dot in its name is not the same as a key in an object.
            let isNested = !member.key.contains(".")
            if isNested, let key = ConfigurationKey.key(path) {
                add(key, from: source) { kind throws(ValueRefusal) in try kind.read(member.value) }
            } else if isNested, ConfigurationKey.sections.contains(path) {
                if let inner = member.value.objectValue {
                    read(inner, in: components, from: source)
                } else {
                    let found = member.value.foundDescription
                    refuse(
                        path,
                        "found \(found), expected an object with the keys \(Self.keys(in: path))",
                        from: source
                    )
                }
            } else {
                let shown = components.map(\.plainOrQuotedForMessage).joined(separator: ".")
                refuse(shown, Self.unknown(path, member.value), from: source)
            }
        }
    }

    private static func unknown(_ path: String, _ value: JSONValue) -> String {
        let paths = ConfigurationKey.all.map(\.path)
        if paths.contains(path) {
            let objects = path.split(separator: ".").dropLast().joined(separator: ".")
            return "unknown key; write \(path) as a key of the object \(objects)"
        }
        return Suggestion.text(
            for: path,
            kind: "key",
            among: value.objectValue == nil ? paths : ConfigurationKey.sections.sorted()
        )
    }

    private static func keys(in section: String) -> String {
        let names = ConfigurationKey.all.compactMap { key in
            key.path.hasPrefix(section + ".")
                ? key.path.dropFirst(section.count + 1).prefix { $0 != "." } : nil
        }
        var seen: Set<Substring> = []
        return names.filter { seen.insert($0).inserted }.joined(separator: ", ")
    }
}
