import HTTPTypes

/// Makes an answer's head of the lines that libcurl hands on. Interim answers (1xx, RFC 9110 §15.2) are passed over.
struct ResponseHeadParser {
    enum Step {
        case more
        /// The head of the final answer is complete.
        case complete(ResponseHead)
        case tooLarge
        case malformed(String)
    }

    /// The bytes of all heads of one exchange together.
    static let sizeBound = 256 * 1024

    /// The version of the answer, once its first line was taken.
    private(set) var version = HTTPVersion.http1_1
    private var status = 0
    private var reason = ""
    private var fields: [(name: String, value: String)] = []
    private var size = 0
    /// Whether the head of the final answer was taken.
    private(set) var isComplete = false

    mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
        // What follows the head are trailer fields, which nobody has asked for.
        guard !isComplete else { return .more }
        size += line.count
        guard size <= Self.sizeBound else { return .tooLarge }
        var end = line.count
        while end > 0, line[end - 1] == UInt8(ascii: "\n") || line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        let text = line[..<end]
        if text.isEmpty { return finishHead() }
        if text.starts(with: "HTTP/".utf8), status == 0 || fields.isEmpty { return takeStatusLine(text) }
        if text.first == UInt8(ascii: " ") || text.first == UInt8(ascii: "\t") {
            guard !fields.isEmpty else { return .malformed("the first header field has no name") }
            fields[fields.count - 1].value += " " + Self.trimmed(text)
            return .more
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else {
            return .malformed("a header field has no colon")
        }
        fields.append((String(decoding: text[..<colon], as: UTF8.self), Self.trimmed(text[(colon + 1)...])))
        return .more
    }

    private mutating func takeStatusLine(_ line: Slice<UnsafeRawBufferPointer>) -> Step {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1].count == 3,
            let code = Int(String(decoding: parts[1], as: UTF8.self)),
            (100...999).contains(code)
        else { return .malformed("the status line is malformed") }
        version =
            switch String(decoding: parts[0], as: UTF8.self) {
            case "HTTP/1.0": .http1_0
            case "HTTP/2", "HTTP/2.0": .http2
            default: .http1_1
            }
        status = code
        reason = parts.count == 3 ? Self.trimmed(parts[2]) : ""
        return .more
    }

    private mutating func finishHead() -> Step {
        guard status >= 200 else {
            let isRefused = status == 101
            status = 0
            fields = []
            return isRefused ? .malformed("the server switched to a protocol that was not asked for") : .more
        }
        isComplete = true
        var headers = HTTPFields()
        for (name, value) in fields {
            guard let name = HTTPField.Name(name) else {
                return .malformed("the name of a header field is malformed")
            }
            headers.append(HTTPField(name: name, value: value))
        }
        fields = []
        let status = HTTPResponse.Status(code: status, reasonPhrase: reason)
        return .complete(ResponseHead(status: status, headers: headers, version: version))
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var bytes = bytes
        while let first = bytes.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            bytes.removeFirst()
        }
        while let last = bytes.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
            bytes.removeLast()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
