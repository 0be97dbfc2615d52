/// How far two texts are apart: the least number of insertions, deletions, substitutions and swaps of neighbours that
/// make one the other (the unrestricted distance of Damerau and Levenshtein).
public enum EditDistance {
    /// The distance between the two, or nil when it is certain to exceed `limit`, which is found without computing it.
    public static func between(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        let distance = between(left, right)
        return distance <= limit ? distance : nil
    }

    /// The distance between the two, in O(`left.count` · `right.count`).
    ///
    /// `table[i + 1][j + 1]` is the distance between the first `i` and the first `j` bytes; row and column 0 hold a
    /// value that no path of edits reaches, so that a swap with nothing before it is never chosen.
    public static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let unreachable = left.count + right.count + 1
        var table = Array(
            repeating: Array(repeating: unreachable, count: right.count + 2),
            count: left.count + 2
        )
        for row in 0...left.count { table[row + 1][1] = row }
        for column in 0...right.count { table[1][column + 1] = column }
        var lastRow: [UInt8: Int] = [:]
        for (row, leftByte) in left.enumerated() {
            var lastColumn = 0
            for (column, rightByte) in right.enumerated() {
                let (swapRow, swapColumn) = (lastRow[rightByte, default: 0], lastColumn)
                let isEqual = leftByte == rightByte
                if isEqual { lastColumn = column + 1 }
                let swapped = table[swapRow][swapColumn] + (row - swapRow) + 1 + (column - swapColumn)
                table[row + 2][column + 2] = min(
                    table[row + 1][column + 1] + (isEqual ? 0 : 1),
                    table[row + 2][column + 1] + 1,
                    table[row + 1][column + 2] + 1,
                    swapped
                )
            }
            lastRow[leftByte] = row + 1
        }
        return table[left.count + 1][right.count + 1]
    }
}
