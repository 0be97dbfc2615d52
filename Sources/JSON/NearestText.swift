extension String {
    /// The text of a list that is most like this one, for "did you mean": it differs by at most a third of its letters, inserted,
    /// left out, changed or swapped with a neighbour. Nil when none does.
    public func nearest(among texts: some Sequence<String>) -> String? {
        let own = Array(lowercased().utf8)
        guard own.count <= 128 else { return nil }
        var best: (text: String, distance: Int)?
        for text in texts {
            let other = Array(text.lowercased().utf8)
            guard abs(other.count - own.count) <= max(1, other.count / 3) else { continue }
            let distance = Self.distance(own, other)
            guard distance <= max(1, other.count / 3), distance < (best?.distance ?? .max) else { continue }
            best = (text, distance)
        }
        return best?.text
    }

    /// How many edits make one text the other (optimal string alignment distance).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var least = Swift.min(last[column + 1] + 1, current[column] + 1)
                least = Swift.min(least, last[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    least = Swift.min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
