import Capacity
import ControlPlane
import JSON

/// The answer to a question of fit: the report of the core, and where a replica can go now.
struct FitAnswer: JSONEncodable {
    private let json: JSONValue

    init(_ answer: FitService.Answer, explains: Bool) {
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
        if answer.isStale { json["model_is_stale"] = .bool(true) }
        self.json = json
    }

    static var jsonSchema: JSONSchema { .map(of: .any) }

    func encode(to writer: inout JSONWriter) { json.encode(to: &writer) }
}
