public import JSON
public import KubernetesModel

/// An event of a cluster (core/v1 Event), as far as it helps to tell why something does not run.
public struct ClusterEvent: Sendable, Hashable {
    /// Why it was written, in a word, such as `FailedScheduling`.
    public var reason: String
    /// What happened.
    public var message: String
    /// Whether it is a warning.
    public var isWarning: Bool
    /// The kind of the object that it is about.
    public var kind: String
    /// The name of the object that it is about.
    public var name: String
    /// How often it happened.
    public var count: Int
    /// When it happened last; nil when that is not told.
    public var last: Timestamp?

    /// An event.
    public init(
        _ reason: String,
        _ message: String,
        isWarning: Bool = true,
        kind: String = "Pod",
        name: String,
        count: Int = 1,
        last: Timestamp? = nil
    ) {
        self.reason = reason
        self.message = message
        self.isWarning = isWarning
        self.kind = kind
        self.name = name
        self.count = count
        self.last = last
    }

    /// Reads an object of `v1` or `events.k8s.io/v1`.
    public init(_ object: KubernetesObject) {
        let json = object.json
        let about = json["involvedObject"] ?? json["regarding"] ?? .null
        let series = json["series"]
        let count = series?["count"] ?? json["count"] ?? json["deprecatedCount"]
        let times = [
            series?["lastObservedTime"], json["lastTimestamp"], json["deprecatedLastTimestamp"],
            json["eventTime"],
        ]
        self.init(
            json["reason"]?.stringValue ?? "",
            json["message"]?.stringValue ?? json["note"]?.stringValue ?? "",
            isWarning: json["type"]?.stringValue == "Warning",
            kind: about["kind"]?.stringValue ?? "",
            name: about["name"]?.stringValue ?? "",
            count: Int(clamping: count?.integerValue ?? 1),
            last: times.lazy.compactMap { $0?.stringValue.flatMap { Timestamp(rfc3339: $0) } }.first
                ?? object.creationTimestamp
        )
    }
}
