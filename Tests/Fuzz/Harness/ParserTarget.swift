@testable import HTTPServer

/// What comes in on an HTTP/1.1 connection.
///
/// However the bytes are cut, they must mean the same; and what they mean must be what the slow reference reads in them.
enum ParserTarget {
    private static let names = ["ingot.test"]
    private static let ports: [UInt16] = [80, 3001]

    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        try examine(input, HTTPStream.Limits(head: HeadLimits(), body: 1 << 20))
        // Limits that a small input can reach.
        try examine(
            input,
            HTTPStream.Limits(head: HeadLimits(headSize: 384, targetSize: 64, fieldCount: 6), body: 48)
        )
    }

    private static func examine(_ input: [UInt8], _ limits: HTTPStream.Limits) throws(FuzzFinding) {
        var atOnce: [HTTPStream.Step]?
        for way in Pieces.ways(input) {
            let stream = try read(input, way, limits)
            if let atOnce {
                try FuzzFinding.requireEqual(
                    atOnce,
                    stream.steps,
                    "what \(input.printable) means, at once and in \(way)"
                )
            } else {
                atOnce = stream.steps
                try checkCount(stream, input)
                try ReferenceStream.compare(
                    stream,
                    input,
                    names: names,
                    ports: ports.map(Int.init)
                )
            }
        }
    }

    private static func read(
        _ input: [UInt8],
        _ pieces: [Range<Int>],
        _ limits: HTTPStream.Limits
    ) throws(FuzzFinding) -> HTTPStream {
        var stream = HTTPStream(limits: limits, authority: AuthorityPolicy(names: names, ports: ports))
        for piece in pieces {
            let steps = stream.hasEnded ? stream.steps : nil
            try stream.receive(input[piece])
            if let steps { try FuzzFinding.requireEqual(steps, stream.steps, "steps after the end") }
            if !stream.hasEnded {
                try FuzzFinding.require(
                    stream.heldBytes <= limits.head.headSize + limits.body,
                    "\(stream.heldBytes) bytes are held"
                )
            }
        }
        return stream
    }

    /// No more requests than empty lines that end a head.
    private static func checkCount(_ stream: HTTPStream, _ input: [UInt8]) throws(FuzzFinding) {
        let ends = input.indices.count { index in
            ReferenceHead.isLineEnd(input[...], index) && ReferenceHead.isLineEnd(input[...], index + 2)
        }
        try FuzzFinding.require(
            stream.heads.count <= ends,
            "\(stream.heads.count) requests from \(ends) heads"
        )
        let last = stream.steps.indices.dropLast().first { index in
            switch stream.steps[index] {
            case .refusal, .close: true
            default: false
            }
        }
        try FuzzFinding.require(last == nil, "something follows the end of the connection")
    }
}
