internal import JSON

/// The text of `config.example.json`: every key with its default.
public enum ConfigurationExample {
    /// The example, ending in a newline.
    public static var text: String {
        var root = JSONValue.object(JSONMembers())
        for key in ConfigurationKey.all { insert(key.defaultValue.json, at: key.components[...], in: &root) }
        return lines(root, indentation: "") + "\n"
    }

    private static func insert(
        _ leaf: JSONValue,
        at components: ArraySlice<String>,
        in value: inout JSONValue
    ) {
        guard let first = components.first else { return value = leaf }
        var members = value.objectValue ?? JSONMembers()
        var inner = members[first] ?? .object(JSONMembers())
        insert(leaf, at: components.dropFirst(), in: &inner)
        members[first] = inner
        value = .object(members)
    }

    private static func lines(_ value: JSONValue, indentation: String) -> String {
        let deeper = indentation + "  "
        if let elements = value.arrayValue, elements.contains(where: { $0.objectValue != nil }) {
            let lines = elements.map { "\(deeper)\($0)" }.joined(separator: ",\n")
            return "[\n\(lines)\n\(indentation)]"
        }
        guard let members = value.objectValue, !members.isEmpty else { return value.description }
        let entries = members.map { member in
            "\(deeper)\(JSONValue.string(member.key)): \(lines(member.value, indentation: deeper))"
        }
        return "{\n" + entries.joined(separator: ",\n") + "\n\(indentation)}"
    }
}
