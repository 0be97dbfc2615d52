import KubernetesSchema

/// The engine of schemas' regular expressions. An input is an expression and, on the lines behind it, a text.
enum PatternTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first else { return }
        let text = String(decoding: first, as: UTF8.self)
        let candidate = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
        guard let pattern = SchemaPattern(text) else { return }
        let isFound = pattern.matches(candidate)
        try FuzzFinding.requireEqual(
            isFound,
            pattern.matches(candidate),
            "whether \(input.printable) matches, at first and at second"
        )
        // Whatever an expression is, it matches also as a group and beside one that never matches.
        guard let group = SchemaPattern("(?:\(text))"),
            let either = SchemaPattern("[^\\x00-\\x{10FFFF}]|(?:\(text))")
        else { return }
        try FuzzFinding.requireEqual(isFound, group.matches(candidate), "\(input.printable) as a group")
        try FuzzFinding.requireEqual(
            isFound,
            either.matches(candidate),
            "\(input.printable) as an alternative"
        )
    }
}
