/// A version of a chart, compared by the precedence of Semantic Versioning 2.0.0 §11. A `v` before it does not count.
struct ChartVersion: Comparable {
    private let numbers: [Int]
    private let prerelease: [Substring]

    /// Nil for what is no such version.
    init?(_ text: String) {
        let plain = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let parts = plain.prefix { $0 != "+" }.split(
            separator: "-",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let numbers = (parts.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
            .map { Int($0) }
        guard numbers.count == 3, !numbers.contains(nil) else { return nil }
        self.numbers = numbers.compactMap { $0 }
        prerelease = parts.count > 1 ? parts[1].split(separator: ".", omittingEmptySubsequences: false) : []
    }

    static func < (left: ChartVersion, right: ChartVersion) -> Bool {
        if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
            switch (Int(one), Int(other)) {
            case (let one?, let other?): return one < other
            case (nil, nil): return one < other
            // Numbers come before words.
            case (let number, _): return number != nil
            }
        }
        return left.prerelease.count < right.prerelease.count
    }
}

extension Provider {
    /// A version that was seen, if it is newer than the one that is known here.
    public func newer(_ seen: String) -> String? {
        guard let other = ChartVersion(seen), let own = ChartVersion(version), own < other else { return nil }
        return seen
    }
}
