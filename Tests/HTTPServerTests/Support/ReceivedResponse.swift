import JSON

/// An answer as a client reads it off the wire.
struct ReceivedResponse: Equatable {
    var version: String
    var status: Int
    var fields: [Field]
    var body: [UInt8] = []
    var trailers: [Field] = []

    struct Field: Equatable {
        /// In lower case.
        var name: String
        var value: String
    }

    struct Malformed: Error {
        let line: String
    }

    /// - Parameter head: the lines of the head, joined by CR LF, without the empty line.
    init(head: String) throws {
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        let statusLine = lines.popFirst() ?? ""
        let parts = statusLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasPrefix("HTTP/1."), parts[1].count == 3, let status = Int(parts[1])
        else {
            throw Malformed(line: String(statusLine))
        }
        version = String(parts[0])
        self.status = status
        fields = try lines.map(Self.field)
    }

    static func field(_ line: Substring) throws -> Field {
        guard let colon = line.firstIndex(of: ":") else { throw Malformed(line: String(line)) }
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        return Field(name: line[..<colon].lowercased(), value: String(value))
    }

    /// The value of the one field with that name; nil when there is none or several.
    subscript(name: String) -> String? {
        let matches = fields.filter { $0.name == name.lowercased() }
        return matches.count == 1 ? matches[0].value : nil
    }

    /// How often a field comes.
    func count(_ name: String) -> Int {
        fields.count { $0.name == name.lowercased() }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    var json: JSONValue {
        get throws { try JSONValue(parsing: body) }
    }

    /// The code of an error.
    var code: String? { (try? json)?["code"]?.stringValue }

    /// Whether the body is an error in the shape that the surface gives its errors.
    var isJSONError: Bool {
        guard let json = try? json, self["content-type"]?.hasPrefix("application/json") == true else {
            return false
        }
        return json["code"]?.stringValue?.isEmpty == false && json["error"]?.stringValue?.isEmpty == false
            && json["requestId"]?.stringValue == self["x-request-id"]
    }
}
