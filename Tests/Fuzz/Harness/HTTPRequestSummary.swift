@testable import HTTPServer

/// What the server makes of a request's head, in values that can be compared.
struct HTTPRequestSummary: Equatable {
    var method: String
    var target: String
    var path: String
    var query: String?
    var minorVersion: UInt8
    var fields: [[String]]
    var framing: BodyFraming
    var keepsAlive: Bool
    var expectsContinue: Bool

    init(_ head: RequestHead) {
        method = head.slice(head.methodRange).printable
        target = head.slice(head.target).printable
        path = head.slice(head.path).printable
        query = head.query.map { head.slice($0).printable }
        minorVersion = head.minorVersion
        fields = head.fields.map { [head.slice($0.name).printable, head.slice($0.value).printable] }
        framing = head.framing
        keepsAlive = head.keepsAlive
        expectsContinue = head.expectsContinue
    }

    /// Checks that whatever a head notes as offsets lies within it, in order.
    static func checkOffsets(_ head: RequestHead) throws(FuzzFinding) {
        var ranges = [head.methodRange, head.target]
        for field in head.fields { ranges += [field.name, field.value] }
        var position = 0
        for range in ranges {
            try FuzzFinding.require(
                Int(range.start) >= position && range.end >= range.start
                    && Int(range.end) <= head.bytes.count,
                "the range \(range) lies outside its place in a head of \(head.bytes.count) bytes"
            )
            position = Int(range.end)
        }
        for part in [head.path, head.query ?? .empty, head.authority ?? .empty] where !part.isEmpty {
            try FuzzFinding.require(
                part.start >= head.target.start && part.end <= head.target.end && part.start <= part.end,
                "the range \(part) lies outside the target \(head.target)"
            )
        }
        for field in KnownField.allCases {
            let name = field.name.description
            let values = head.fields.filter {
                String(decoding: head.slice($0.name).map(ByteClass.lowercased), as: UTF8.self) == name
            }
            try FuzzFinding.requireEqual(values.count, head.count(of: field), "how often \(name) comes")
            try FuzzFinding.require(
                values.first?.value == head.range(of: field),
                "\(name) is not where its first line stands"
            )
        }
    }
}
