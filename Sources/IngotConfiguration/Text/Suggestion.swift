import JSON

/// The right name that a wrong one was probably meant to be.
struct Suggestion {
    /// Beyond this many bytes no name is compared; no right name is nearly that long.
    private static let longestCompared = 100

    /// What to say about `wrong`, which is none of `names`: the nearest of them, as a question when it is close.
    static func text(for wrong: String, kind: String, among names: [String]) -> String {
        guard let (name, distance) = nearest(to: wrong, among: names) else { return "unknown \(kind)" }
        let isClose = distance <= max(2, min(wrong.utf8.count, name.utf8.count) / 3)
        return isClose
            ? "unknown \(kind); did you mean \(name)?" : "unknown \(kind); the nearest known one is \(name)"
    }

    /// The name with the least edit distance regardless of case, the first of several. A name also counts as near when
    /// only its last component is, as when a key is written in the wrong object, and when one is an abbreviation of the
    /// other.
    static func nearest(to wrong: String, among names: [String]) -> (name: String, distance: Int)? {
        let wrongBytes = Array(wrong.lowercased().utf8.prefix(longestCompared))
        let wrongLeaf = leaf(wrongBytes)
        var best: (name: String, distance: Int)?
        for name in names {
            let bytes = Array(name.lowercased().utf8)
            let limit = (best?.distance ?? .max) - 1
            let distances = [
                EditDistance.between(wrongBytes, bytes, limit: limit),
                EditDistance.between(wrongLeaf, leaf(bytes), limit: limit - 1).map { $0 + 1 },
                isAbbreviation(wrongBytes, bytes) && abbreviated <= limit ? abbreviated : nil,
            ]
            guard let distance = distances.compactMap({ $0 }).min() else { continue }
            best = (name, distance)
        }
        return best
    }

    /// The distance that an abbreviation counts as.
    private static let abbreviated = 2

    /// Whether one is the beginning of the other and at least half of it.
    private static func isAbbreviation(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (short, long) = left.count < right.count ? (left, right) : (right, left)
        return long.starts(with: short) && short.count * 2 >= long.count
    }

    private static func leaf(_ path: [UInt8]) -> [UInt8] {
        Array(path.split(separator: UInt8(ascii: ".")).last ?? [])
    }
}
