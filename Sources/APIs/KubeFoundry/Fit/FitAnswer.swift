import Capacity
public import ControlPlane
public import JSON

/// The answer to a question of fit: the report of the core, and where a replica can go now.
public struct FitAnswer: JSONEncodable {
    /// The document.
    public let json: JSONValue

    /// The document of an answer.
    ///
    /// - Parameter explains: whether each line of a budget says how it came about.
    public init(_ answer: FitService.Answer, explains: Bool) {
        var json = answer.report.json(explains: explains)
        if let placement = answer.placement {
            var rejections: JSONValue = [:]
            for (reason, count) in placement.rejections.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                rejections[reason.rawValue] = .integer(Int64(count))
            }
            json["placement"] = [
                "placeable_now": .bool(placement.isComplete),
                "nodes": .array((placement.replicas.first ?? []).map(JSONValue.string)),
                "rejections": rejections,
            ]
        }
        json["engine"] = .string(answer.engine.rawValue)
        json["evidence"] = Self.evidence(answer.evidence)
        if answer.isStale { json["model_is_stale"] = .bool(true) }
        self.json = json
    }

    private static func evidence(_ evidence: FitEvidence) -> JSONValue {
        var json: JSONValue = [
            "source": .string(evidence.source.rawValue), "files": .integer(Int64(evidence.files)),
        ]
        if let file = evidence.file { json["file"] = .string(file) }
        if let note = evidence.note { json["note"] = .string(note) }
        return json
    }

    /// Any object: Docs/fit.md says what it has.
    public static var jsonSchema: JSONSchema { .map(of: .any) }

    /// Writes the document.
    public func encode(to writer: inout JSONWriter) { json.encode(to: &writer) }
}
