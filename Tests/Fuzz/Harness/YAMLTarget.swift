import JSON
import YAML

/// The reader and the writer of YAML: what was read means the same after it was written and read again.
enum YAMLTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let node: YAMLNode
        do throws(YAMLError) {
            node = try YAMLNode(parsing: input, limits: YAMLLimits(depth: 50, nodes: 10_000))
        } catch {
            try FuzzFinding.require(
                error.position.line >= 1 && error.position.column >= 1 && !error.message.isEmpty,
                "the place of \(error) in \(input.printable)"
            )
            return
        }
        try FuzzFinding.require(node.position.line >= 1, "the line of the document \(input.printable)")
        let value = node.json
        let written = value.yaml
        let again: JSONValue
        do throws(YAMLError) {
            again = try YAMLNode(parsing: written).json
        } catch {
            throw FuzzFinding("what was written is refused: \(error)\n  \(written.utf8.printable)")
        }
        try FuzzFinding.requireEqual(
            value,
            again,
            "the value of \(input.printable) and that of \(written.utf8.printable)"
        )
    }
}
