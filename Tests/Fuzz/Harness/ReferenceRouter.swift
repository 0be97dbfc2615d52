/// A second matcher of path templates: it looks at every template in turn.
struct ReferenceRouter {
    enum Outcome: Equatable {
        /// The template with this index, and the values of its parameters.
        case found(Int, [String])
        case notFound
        case notUTF8
    }

    private enum Segment: Hashable {
        case literal(String)
        case integer(String)
        case text(String)
        case rest(String)

        /// Which of two templates is tried first where they part.
        var rank: Int {
            switch self {
            case .literal: 0
            case .integer: 1
            case .text: 2
            case .rest: 3
            }
        }

        init(_ text: Substring) {
            guard text.hasPrefix("{") else {
                self = .literal(String(text))
                return
            }
            let name = text.dropFirst().dropLast()
            if name.hasSuffix("...") {
                self = .rest(String(name.dropLast(3)))
            } else if name.hasSuffix(":int") {
                self = .integer(String(name.dropLast(4)))
            } else {
                self = .text(String(name))
            }
        }
    }

    /// The templates in the order in which they are tried.
    private let templates: [(index: Int, segments: [Segment])]

    /// - Parameter templates: well-formed templates, each once.
    init(_ templates: [String]) {
        let all = templates.map {
            $0.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Segment.init)
        }
        // Where two templates part, the narrower segment is tried first; of two alike, the one that came first.
        let keys = all.map { segments in
            segments.indices.flatMap { index in
                [
                    segments[index].rank,
                    all.firstIndex { $0.prefix(index + 1) == segments.prefix(index + 1) } ?? 0,
                ]
            }
        }
        self.templates = all.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }.map {
            ($0, all[$0])
        }
    }

    /// - Parameter path: starts with `/`.
    func match(_ path: [UInt8]) -> Outcome {
        let parts = path.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
        for template in templates {
            switch Self.match(template.segments, parts) {
            case .found(_, let values): return .found(template.index, values)
            case .notUTF8: return .notUTF8
            case .notFound: continue
            }
        }
        return .notFound
    }

    private static func match(_ segments: [Segment], _ parts: [ArraySlice<UInt8>]) -> Outcome {
        var values: [String] = []
        for (index, segment) in segments.enumerated() {
            guard index < parts.count else { return .notFound }
            let raw: [UInt8]
            switch segment {
            case .literal(let text):
                guard decoded(parts[index]) == Array(text.utf8) else { return .notFound }
                continue
            case .integer, .text: raw = Array(parts[index])
            case .rest: raw = Array(parts[index...].joined(separator: [0x2F]))
            }
            guard !raw.isEmpty else { return .notFound }
            guard let value = String(validating: decoded(raw), as: UTF8.self) else { return .notUTF8 }
            if case .integer = segment, !isInteger(value) { return .notFound }
            values.append(value)
            if case .rest = segment { return .found(0, values) }
        }
        return parts.count == segments.count ? .found(0, values) : .notFound
    }

    /// What is no escape stays as it is.
    private static func decoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var rest = Array(bytes)[...]
        var decoded: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x25, rest.count >= 2, let value = ReferenceTarget.hexadecimal(rest.prefix(2)) {
                decoded.append(UInt8(value))
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// An integer of 64 bits in decimal, with a minus or without.
    private static func isInteger(_ text: String) -> Bool {
        var digits = Array(text.utf8)[...]
        let isNegative = digits.first == 0x2D
        if isNegative { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        let significant = digits.drop { $0 == 0x30 }
        let largest = Array((isNegative ? "9223372036854775808" : "9223372036854775807").utf8)
        return significant.count < largest.count
            || (significant.count == largest.count && !largest.lexicographicallyPrecedes(significant))
    }
}
