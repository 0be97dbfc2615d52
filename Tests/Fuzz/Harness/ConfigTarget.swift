import IngotConfiguration
import JSON

/// The reader of configuration files: JSON text, then its meaning.
///
/// A text that is read must mean the same after it was written and read again.
enum ConfigTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let value: JSONValue
        do throws(JSONParseError) {
            value = try JSONValue(parsing: input)
        } catch {
            try check(error, input)
            try checkProblems(input, isJSON: false)
            return
        }
        try checkProblems(input, isJSON: true)
        let written = value.encoded()
        let again: JSONValue
        do throws(JSONParseError) {
            again = try JSONValue(parsing: written)
        } catch {
            throw FuzzFinding("what was written is refused: \(error)\n  \(written.printable)")
        }
        try FuzzFinding.requireEqual(
            value,
            again,
            "the value of \(input.printable) and that of \(written.printable)"
        )
        try FuzzFinding.requireEqual(value.hashValue, again.hashValue, "the hashes of equal values")
        try FuzzFinding.requireEqual(
            written.printable,
            again.encoded().printable,
            "what is written at first and at second"
        )
    }

    /// What is said of a file stands on one line each, without control bytes that could confuse a terminal, and depends on the
    /// file alone.
    private static func checkProblems(_ input: [UInt8], isJSON: Bool) throws(FuzzFinding) {
        let problems = ServeConfiguration.validate(fileBytes: input, name: "ingot.json")
        for problem in problems {
            let text = problem.description
            try FuzzFinding.require(
                !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
                    && text.hasPrefix("file ingot.json: "),
                "\(text.utf8.printable) is said of \(input.printable)"
            )
        }
        try FuzzFinding.require(
            isJSON || !problems.isEmpty,
            "nothing is said of \(input.printable), which is no JSON"
        )
        try FuzzFinding.requireEqual(
            problems,
            ServeConfiguration.validate(fileBytes: input, name: "ingot.json"),
            "the problems of \(input.printable) at first and at second"
        )
    }

    private static func check(_ error: JSONParseError, _ input: [UInt8]) throws(FuzzFinding) {
        try FuzzFinding.require(
            (0...input.count).contains(error.offset),
            "the offset \(error.offset) lies outside of \(input.printable)"
        )
        let lines = 1 + input.prefix(error.offset).count { $0 == 0x0A }
        try FuzzFinding.requireEqual(error.line, lines, "the line of \(error) in \(input.printable)")
        try FuzzFinding.require(
            error.column >= 1 && error.column <= error.offset + 1,
            "the column of \(error) in \(input.printable)"
        )
        try FuzzFinding.require(!error.description.isEmpty, "an error without a word")
    }
}
