import JSON

@testable import Kubernetes

/// The scanner that projections are read with, beside the parser that makes trees.
enum ScannerTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let tree = try? JSONValue(parsing: input, maximumDepth: JSONScanner.deepest)
        let end: Int? = scan(input) { (scanner) throws(JSONScanError) in
            try scanner.skipValue()
            try scanner.end()
            return scanner.index
        }
        try FuzzFinding.require(end != nil || tree == nil, "the scanner refuses \(input.printable)")
        if case .object(let members) = tree { try compare(input, members) }
        // What is read with it may refuse anything, and must end.
        _ = try? ListPage(input)
        _ = try? WatchLine(input)
        read(PodProjection.self, input)
        read(NodeProjection.self, input)
        read(CustomResourceDefinitionProjection.self, input)
        read(EventProjection.self, input)
        read(ServiceProjection.self, input)
        read(DeploymentProjection.self, input)
        read(SecretProjection.self, input)
        read(CustomResourceProjection.self, input)
    }

    /// Compares the members that the scanner finds with those of the tree.
    private static func compare(_ input: [UInt8], _ members: JSONMembers) throws(FuzzFinding) {
        var texts: [String: String] = [:]
        var ranges: [String: Range<Int>] = [:]
        _ = scan(input) { (scanner) throws(JSONScanError) in
            try scanner.object { (key, scanner) throws(JSONScanError) in
                let name = key.string
                if scanner.isAtString {
                    texts[name] = try scanner.string()
                } else {
                    ranges[name] = try scanner.skipValue()
                }
            }
        }
        for (name, text) in texts {
            try FuzzFinding.requireEqual(members[name], .string(text), "\(name) in \(input.printable)")
        }
        for (name, range) in ranges {
            let value = try? JSONValue(parsing: Array(input[range]), maximumDepth: JSONScanner.deepest)
            try FuzzFinding.requireEqual(members[name], value, "\(name) in \(input.printable)")
        }
    }

    private static func read<P: Projection>(_ projection: P.Type, _ input: [UInt8]) {
        _ = scan(input) { (scanner) throws(JSONScanError) in try P(&scanner) }
    }

    private static func scan<Value>(
        _ input: [UInt8],
        _ body: (inout JSONScanner) throws(JSONScanError) -> Value
    ) -> Value? {
        do throws(JSONScanError) {
            return try JSONScanner.scan(input, shared: SharedValues(), body)
        } catch {
            return nil
        }
    }
}
