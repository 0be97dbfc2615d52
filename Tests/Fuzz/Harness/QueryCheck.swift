@testable import HTTPServer

/// Query parameters against a second reading of them.
enum QueryCheck {
    static func examine(_ query: [UInt8]) throws(FuzzFinding) {
        let parameters = QueryParameters(query)
        var expected: [[String]] = []
        for pair in query.split(separator: 0x26) {
            let name = pair.prefix { $0 != 0x3D }
            expected.append([decoded(name), decoded(pair.dropFirst(name.count + 1))])
        }
        try FuzzFinding.requireEqual(
            parameters.pairs.map { [$0.name, $0.value] },
            expected,
            "the parameters of \(query.printable)"
        )
        for pair in parameters.pairs {
            let values = parameters.all(pair.name)
            try FuzzFinding.require(
                values.contains(pair.value) && values.first == parameters[pair.name],
                "\(pair) cannot be found by name in \(query.printable)"
            )
        }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var rest = bytes
        var decoded: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x25, rest.count >= 2, let value = ReferenceTarget.hexadecimal(rest.prefix(2)) {
                decoded.append(UInt8(value))
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
