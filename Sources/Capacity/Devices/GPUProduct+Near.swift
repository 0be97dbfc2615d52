import JSON

extension GPUProduct {
    /// Products whose names are nearly that text, for somebody who has mistyped one: the nearest first, at most `limit`.
    public static func near(_ text: some StringProtocol, limit: Int = 3) -> [GPUProduct] {
        let words = words(of: text)
        // Longer texts are no product's name, and comparing costs their length.
        guard !words.isEmpty, words.joined().utf8.count <= 64 else { return [] }
        let name = Array(words.joined(separator: "-").utf8)
        let distances = all.enumerated().compactMap { index, product -> (distance: Int, index: Int)? in
            let distance = ([product.name] + product.aliases).flatMap { pieces(of: Self.words(of: $0)) }
                .map { EditDistance.between(name, $0) }.min()
            // A third of the letters may be others, else it is another word.
            return distance.flatMap { $0 <= max(1, name.count / 3) ? ($0, index) : nil }
        }
        return distances.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(limit)
            .map { all[$0.index] }
    }

    private static func words(of name: some StringProtocol) -> [String] {
        name.lowercased().split { $0 == " " || $0 == "_" || $0 == "-" }.map(String.init)
    }

    /// Every run of words of a name: people name a product by some of them.
    private static func pieces(of words: [String]) -> [[UInt8]] {
        words.indices.flatMap { first in
            (first..<words.count).map { last in Array(words[first...last].joined(separator: "-").utf8) }
        }
    }
}
