/// Values for module names, found by the name, by what it lies in, or by a pattern.
struct ModuleSet<Value: Sendable & Hashable>: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        let pattern: ModulePattern
        let value: Value
    }

    /// Names that begin with `layers.`, or are whole.
    private var exact: [String: Value] = [:]
    /// Parts of names, such as `self_attn` or `gate`, which mean it in every layer.
    private var parts: [String: Value] = [:]
    /// Patterns that name a layer.
    private var rulesOfLayer: [Int: [Rule]] = [:]
    /// Patterns that do not.
    private var rules: [Rule] = []
    /// The layers that entries name.
    private var layers: Set<Int> = []
    /// Whether a pattern tells layers apart in a way that is not looked into.
    private var tellsLayersApart = false

    /// The most patterns for all layers that are followed; quantisers write a handful.
    private static var mostRules: Int { 256 }

    init(_ entries: [(String, Value)]) {
        for (text, value) in entries {
            let isExpression = text.hasPrefix("re:")
            let name = isExpression ? text : ModuleNames.withoutWrapper(text)
            let layer = isExpression ? nil : Self.layer(of: name)
            if let layer { layers.insert(layer) }
            if isExpression || name.contains("*") {
                let rule = Rule(pattern: ModulePattern(name), value: value)
                if let layer {
                    rulesOfLayer[layer, default: []].append(rule)
                } else if rules.count < Self.mostRules {
                    rules.append(rule)
                    tellsLayersApart =
                        tellsLayersApart || text.utf8.contains { (48...57).contains($0) || $0 == 0x5B }
                        || text.contains("\\d")
                }
            } else if name.hasPrefix("layers.") {
                exact[name] = value
            } else {
                parts[name] = value
            }
        }
    }

    private static func layer(of name: String) -> Int? {
        guard name.hasPrefix("layers.") else { return nil }
        return Int(name.dropFirst("layers.".count).prefix { $0.isASCII && $0.isNumber })
    }

    var isEmpty: Bool { exact.isEmpty && parts.isEmpty && rules.isEmpty && rulesOfLayer.isEmpty }

    /// Whether the modules of a layer may have other values than those of a layer that nothing names.
    func isSpecial(_ layer: Int) -> Bool { tellsLayersApart || layers.contains(layer) }

    /// The value of a module of a layer, or of the nearest one that it lies in.
    func value(of name: String, inLayer layer: Int? = nil) -> Value? {
        if !exact.isEmpty {
            var outer = Substring(name)
            while true {
                if let value = exact[String(outer)] { return value }
                guard let dot = outer.lastIndex(of: ".") else { break }
                outer = outer[..<dot]
            }
        }
        if !parts.isEmpty {
            let path = name.split(separator: ".")
            for start in path.indices {
                for end in start..<path.count {
                    if let value = parts[path[start...end].joined(separator: ".")] { return value }
                }
            }
        }
        let named = layer.flatMap { rulesOfLayer[$0] } ?? []
        // A pattern may be written with the wrapper, so the name is tried with it too.
        return (named + rules).first { $0.pattern.matches(name) || $0.pattern.matches("model." + name) }?
            .value
    }
}
