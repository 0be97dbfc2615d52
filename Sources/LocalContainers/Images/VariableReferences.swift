/// References `$(NAME)` in a container's command, arguments and environment, as Kubernetes expands them: a name that is
/// not defined is left as it stands, `$$` is a `$` that begins no reference.
/// (Kubernetes: Define Dependent Environment Variables; Define a Command and Arguments for a Container.)
public enum VariableReferences {
    /// The text with all references to these variables replaced.
    public static func expand(_ text: String, _ variables: [String: String]) -> String {
        guard text.utf8.contains(0x24) else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                result += variables[name] ?? "$(\(name))"
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    /// The environment that a list of variables makes: each value may refer to those before it, and to those that
    /// are there already. Of two with one name the later one counts.
    public static func environment(
        _ list: [(name: String, value: String)],
        over base: [String: String] = [:]
    ) -> [String: String] {
        list.reduce(into: base) { variables, variable in
            variables[variable.name] = expand(variable.value, variables)
        }
    }
}
