/// A second reading of the chunked transfer coding, RFC 9112 §7.1: over a whole body, line by line.
enum ReferenceChunks {
    enum Outcome: Equatable {
        /// The content, and the offset behind the body.
        case complete([UInt8], Int)
        case incomplete
        case refused
    }

    static let extensionLimit = 4096
    static let trailerLimit = 8192
    static let trailerFieldLimit = 100

    static func read(_ bytes: ArraySlice<UInt8>, limit: Int) -> Outcome {
        var content: [UInt8] = []
        var extensionBytes = 0
        var rest = bytes
        while true {
            guard let end = ReferenceHead.lineEnd(rest) else { return .incomplete }
            let line = rest[..<end]
            let digits = line.prefix { ReferenceTarget.hexadecimal([$0]) != nil }
            guard !digits.isEmpty, let size = ReferenceTarget.hexadecimal(digits) else { return .refused }
            let extensions = line[digits.endIndex...]
            extensionBytes += extensions.count
            guard extensions.isEmpty || ReferenceHead.trimmed(extensions).first == 0x3B, isText(extensions),
                extensionBytes <= extensionLimit
            else { return .refused }
            rest = rest[(end + 2)...]
            if size == 0 { return readTrailer(rest, content) }
            guard size <= limit - content.count else { return .refused }
            guard rest.count >= size + 2 else { return .incomplete }
            content += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard ReferenceHead.isLineEnd(rest, rest.startIndex) else { return .refused }
            rest = rest.dropFirst(2)
        }
    }

    private static func readTrailer(_ trailer: ArraySlice<UInt8>, _ content: [UInt8]) -> Outcome {
        var rest = trailer
        var fields = 0
        while true {
            guard let end = ReferenceHead.lineEnd(rest) else { return .incomplete }
            let line = rest[..<end]
            rest = rest[(end + 2)...]
            // Everything up to the last CR counts.
            guard rest.startIndex - trailer.startIndex - (line.isEmpty ? 1 : 0) <= trailerLimit else {
                return .refused
            }
            if line.isEmpty { return .complete(content, rest.startIndex) }
            fields += 1
            guard fields <= trailerFieldLimit, let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy(ReferenceHead.isToken), isText(line[(colon + 1)...])
            else { return .refused }
        }
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 9 }
    }
}
