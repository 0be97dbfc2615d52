public import JSON
import YAML

/// A group of nodes that an autoscaler makes larger and smaller.
public struct ScaledNodeGroup: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The fewest nodes that it may have; nil where nothing is said of it.
    public var minimum: Int?
    /// The most nodes that it may have; nil where nothing bounds it, or nothing is said of it.
    public var maximum: Int?
    /// How many nodes it has, those on their way included; nil where that is not known.
    public var current: Int?
    /// Whether the autoscaler finds it healthy; nil where it says nothing of it.
    public var isHealthy: Bool?

    /// A group.
    public init(
        name: String,
        minimum: Int? = nil,
        maximum: Int? = nil,
        current: Int? = nil,
        isHealthy: Bool? = nil
    ) {
        self.name = name
        self.minimum = minimum
        self.maximum = maximum
        self.current = current
        self.isHealthy = isHealthy
    }
}

/// What the Kubernetes cluster autoscaler writes of itself: the text under `status` in the config map `cluster-autoscaler-status`.
///
/// Version 1.30 changed it from a text for people to YAML (kubernetes/autoscaler, cluster-autoscaler/clusterstate); both are read.
public struct AutoscalerReport: Sendable, Hashable {
    /// `Healthy`, `Unhealthy`, or what else stands for the whole cluster; `unknown` where nothing does.
    public var health = "unknown"
    /// When it was written; nil where it does not say.
    public var time: Timestamp?
    /// The groups of nodes, in its order.
    public var groups: [ScaledNodeGroup] = []

    /// The namespace of the config map.
    public static let namespace = "kube-system"
    /// The name of the config map.
    public static let configMap = "cluster-autoscaler-status"

    /// Reads such a text; nil when it is neither form.
    public init?(_ text: String) {
        if text.contains("Cluster-autoscaler status at") {
            readText(text)
        } else {
            guard let json = (try? YAMLNode(parsing: text))?.json, json.objectValue != nil else { return nil }
            readYAML(json)
        }
    }

    // MARK: YAML

    private mutating func readYAML(_ json: JSONValue) {
        health =
            json["clusterWide"]?["health"]?["status"]?.stringValue ?? json["autoscalerStatus"]?.stringValue
            ?? health
        time = json["time"]?.stringValue.flatMap(Self.time)
        for group in json["nodeGroups"]?.arrayValue ?? [] {
            guard let name = group["name"]?.stringValue else { continue }
            let health = group["health"] ?? .null
            groups.append(
                ScaledNodeGroup(
                    name: name,
                    minimum: Self.count(health["minSize"]),
                    maximum: Self.count(health["maxSize"]),
                    current: Self.count(health["cloudProviderTarget"])
                        ?? Self.count(health["nodeCounts"]?["registered"]?["total"]),
                    isHealthy: health["status"]?.stringValue.map { $0 == "Healthy" }
                )
            )
        }
    }

    private static func count(_ value: JSONValue?) -> Int? {
        value?.integerValue.flatMap { Int(exactly: $0) }
    }

    // MARK: Text

    private mutating func readText(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if let rest = line.rest(after: "Cluster-autoscaler status at ") {
                time = Self.time(String(rest.hasSuffix(":") ? rest.dropLast() : rest))
            } else if let rest = line.rest(after: "Name:") {
                groups.append(ScaledNodeGroup(name: String(rest)))
            } else if let rest = line.rest(after: "Health:") {
                let word = String(rest.prefix { $0 != " " && $0 != "(" })
                guard let last = groups.indices.last else {
                    health = word
                    continue
                }
                groups[last].isHealthy = word == "Healthy"
                groups[last].minimum = Self.number("minSize", rest)
                groups[last].maximum = Self.number("maxSize", rest)
                groups[last].current =
                    Self.number("cloudProviderTarget", rest) ?? Self.number("registered", rest)
            }
        }
    }

    /// The number behind `name=` among others.
    private static func number(_ name: String, _ text: Substring) -> Int? {
        for part in text.split(whereSeparator: { " (),".contains($0) }) {
            if let digits = part.rest(after: name + "=") { return Int(digits) }
        }
        return nil
    }

    // MARK: Times

    /// A time as Go prints one (`2020-11-25 08:19:44.090873082 +0000 UTC`, perhaps with a reading of the monotonic clock behind it), or
    /// in RFC 3339 form.
    static func time(_ text: String) -> Timestamp? {
        if let time = Timestamp(rfc3339: text) { return time }
        let parts = text.split(separator: " ")
        guard parts.count >= 3, parts[2].utf8.count == 5 else { return nil }
        let offset = parts[2]
        return Timestamp(rfc3339: "\(parts[0])T\(parts[1])\(offset.prefix(3)):\(offset.suffix(2))")
    }
}

extension Substring {
    /// What follows that beginning, without spaces around it; nil where there is another beginning.
    fileprivate func rest(after beginning: String) -> Substring? {
        guard hasPrefix(beginning) else { return nil }
        var rest = dropFirst(beginning.count).drop { $0 == " " || $0 == "\t" }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return rest
    }
}
