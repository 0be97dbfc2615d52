import JSON
import KubernetesModel

/// Events of core/v1 and of events.k8s.io/v1 as rows.
enum EventLayout {
    static let layout = TableLayout([
        TableColumn("Last Seen", "The time since the event happened last."),
        TableColumn("Type", "Whether it is normal or a warning."),
        TableColumn("Reason", "What happened, in one word."),
        TableColumn("Object", "What it happened to."),
        .wide("Subobject", "Which part of that it happened to."),
        .wide("Source", "Who reports it."),
        TableColumn("Message", "What happened."),
        .wide("First Seen", "The time since the event happened first."),
        .wide("Count", "How often it happened."),
        TableColumn("Name", "The name, unique in its namespace.", format: "name", priority: 1),
    ]) { event, now in
        let json = event.json
        let object = json["involvedObject"] ?? json["regarding"]
        let times = times(json, now)
        let message = json["message"]?.stringValue ?? json["note"]?.stringValue ?? ""
        return [
            .string(times.last), .cell(json["type"], or: ""), .cell(json["reason"], or: ""),
            .string(target(object)), .cell(object?["fieldPath"], or: ""), .string(source(json)),
            .string(trimmed(message)), .string(times.first), .integer(count(json)), event.nameCell,
        ]
    }

    private static func times(_ event: JSONValue, _ now: Timestamp) -> (first: String, last: String) {
        func age(_ time: JSONValue?) -> String? {
            time?.stringValue.flatMap(Timestamp.init(rfc3339:)).map { HumanDuration.text(from: $0, to: now) }
        }
        let first =
            age(event["firstTimestamp"]) ?? age(event["deprecatedFirstTimestamp"]) ?? age(event["eventTime"])
            ?? "<unknown>"
        let last =
            age(event["series"]?["lastObservedTime"]) ?? age(event["lastTimestamp"])
            ?? age(event["deprecatedLastTimestamp"]) ?? first
        return (first, last)
    }

    private static func count(_ event: JSONValue) -> Int64 {
        let counted = event["series"]?["count"] ?? event["count"] ?? event["deprecatedCount"]
        return max(counted?.integerValue ?? 1, 1)
    }

    private static func target(_ object: JSONValue?) -> String {
        let kind = (object?["kind"]?.stringValue ?? "").lowercased()
        guard let name = object?["name"]?.stringValue, !name.isEmpty else { return kind }
        return "\(kind)/\(name)"
    }

    private static func source(_ event: JSONValue) -> String {
        let source = event["source"] ?? event["deprecatedSource"]
        let component =
            [source?["component"], event["reportingComponent"], event["reportingController"]]
            .compactMap { $0?.stringValue }.first { !$0.isEmpty } ?? ""
        let instance =
            [source?["host"], event["reportingInstance"]].compactMap { $0?.stringValue }.first { !$0.isEmpty }
        return instance.map { "\(component), \($0)" } ?? component
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace = { (character: Character) in character.isWhitespace }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
