/// Rows of text under a header, in columns.
struct TextTable {
    let header: [String]
    /// The columns of numbers, which stand at the right.
    var numbers: Set<Int> = []
    var rows: [[String]] = []

    /// The lines, each without blanks at its end.
    var lines: [String] {
        let all = header.allSatisfy(\.isEmpty) ? rows : [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.indices.map { column -> String in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return numbers.contains(column) ? padding + row[column] : row[column] + padding
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
